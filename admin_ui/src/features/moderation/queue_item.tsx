import { IconChecks, IconEye } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { formatInteger } from "@/ui/format";
import { LeaseClock } from "@/ui/lease_clock";
import { RelativeTime } from "@/ui/relative_time";
import { StatusPill, Tag, type Tone } from "@/ui/status_pill";
import type { QueueRow } from "./queries";
import classes from "./queue_list.module.css";
import { ruleName } from "./rule_names";

// A full ring: what is due later than this is in no hurry.
const SLACK_SHOWN_MS = 15 * 60_000;
const FLAGS_SHOWN = 2;

function riskTone(score: number): Tone {
  if (score >= 60) return "bad";
  return score >= 30 ? "warn" : "idle";
}

type ItemProps = {
  row: QueueRow;
  isMine: boolean;
  /** Who else has it on their screen. */
  lookers: readonly string[];
  current: boolean;
  onPick: () => void;
};

/** A case in the queue: its slack, what it is, what stands out, and who has it. */
export function QueueItem({ row, isMine, lookers, current, onPick }: ItemProps) {
  const { t, i18n } = useTranslation();
  const { t: said } = useTranslation("moderation");
  const risk = riskTone(row.score);
  const word = t("desk_page.risk", { score: row.score });
  return (
    <button
      type="button"
      className={classes.item}
      aria-current={current}
      data-done={row.state !== "open" || row.takes_effect_at !== null || undefined}
      onClick={onPick}
    >
      {row.state === "open" ? (
        <LeaseClock
          until={row.due_at ?? row.priority_at}
          totalMs={SLACK_SHOWN_MS}
          label={t("desk_page.due", { name: row.title })}
        />
      ) : (
        <span className={classes.closed}>
          <IconChecks size={18} aria-hidden />
        </span>
      )}
      <span className={classes.words}>
        <span className={classes.first}>
          <strong>{row.title}</strong>
          {row.lease_holder_name !== null && (
            <Tag tone={isMine ? "accent" : "info"}>
              {isMine ? t("desk_page.you") : row.lease_holder_name}
            </Tag>
          )}
          {row.lease_holder_name === null && lookers.length > 0 && (
            <span className={classes.lookers}>
              <IconEye size={13} aria-hidden />
              {said("queue.looking", { names: lookers.join(", ") })}
            </span>
          )}
        </span>
        <span className={classes.second}>
          {row.tenant_name} ·{" "}
          {row.kind === "campaign_session"
            ? t("desk_page.recipients", {
                count: row.recipients,
                amount: formatInteger(row.recipients, i18n.language),
              })
            : t(`desk_page.kind.${row.kind}`)}
        </span>
        <span className={classes.tags}>
          {row.lane !== "standard" && <Tag tone="accent">{said(`lane.${row.lane}`)}</Tag>}
          {row.has_first_vote && <Tag tone="info">{said("queue.second_vote")}</Tag>}
          {row.questions > 0 && (
            <Tag tone="info">{said("queue.questions", { count: row.questions })}</Tag>
          )}
          {row.takes_effect_at !== null && <Tag tone="ok">{said("queue.in_effect_soon")}</Tag>}
          {risk === "idle" ? (
            <Tag>{word}</Tag>
          ) : (
            <StatusPill tone={risk} icon="warning">
              {word}
            </StatusPill>
          )}
          {row.flags.slice(0, FLAGS_SHOWN).map((flag) => (
            <Tag key={flag}>{ruleName(flag, i18n)}</Tag>
          ))}
          {row.flags.length > FLAGS_SHOWN && <Tag>+{row.flags.length - FLAGS_SHOWN}</Tag>}
          <span className={classes.waits}>
            <RelativeTime at={row.closed_at ?? row.opened_at} />
          </span>
        </span>
      </span>
    </button>
  );
}
