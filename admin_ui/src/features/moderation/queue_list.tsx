import { Button, SegmentedControl } from "@mantine/core";
import { IconChecks } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { LiveState } from "@/api/live";
import { useSession } from "@/api/session";
import { formatInteger } from "@/ui/format";
import { Kbd } from "@/ui/kbd";
import { LeaseClock } from "@/ui/lease_clock";
import { LivePill } from "@/ui/live_pill";
import { RelativeTime } from "@/ui/relative_time";
import { useShortcuts } from "@/ui/shortcuts";
import { EmptyState, ErrorState, PageSkeleton } from "@/ui/states";
import { StatusPill, Tag, type Tone } from "@/ui/status_pill";
import { type CaseKey, type QueueRow, queueQuery } from "./queries";
import classes from "./queue_list.module.css";
import { ruleName } from "./rule_names";
import { QUEUE_VIEWS, type QueueViewName } from "./search";
import { useStableRows } from "./use_stable_rows";

// What we promise for a submission without a due time of its own.
const ANSWER_WITHIN_MS = 15 * 60_000;
const FLAGS_SHOWN = 2;

type Props = {
  view: QueueViewName;
  selected: string | null;
  live: LiveState;
  onView: (view: QueueViewName) => void;
  onPick: (key: CaseKey) => void;
};

export function QueueList({ view, selected, live, onView, onPick }: Props) {
  const { t } = useTranslation();
  const me = useSession()?.account.id ?? null;
  const queue = useInfiniteQuery(queueQuery(view));
  const all = queue.data?.pages.flatMap((page) => page.items);
  const { rows, waiting, showAll } = useStableRows(view, all, (row) => row.case_id);
  const counts = queue.data?.pages[0]?.counts;
  const list = useRef<HTMLOListElement>(null);
  const at = rows?.findIndex((row) => row.case_id === selected) ?? -1;

  useEffect(() => {
    if (selected === null) return;
    list.current?.querySelector("[aria-current=true]")?.scrollIntoView({ block: "nearest" });
  }, [selected]);

  function move(by: number) {
    const row = rows?.[Math.max(0, Math.min(rows.length - 1, at + by))];
    if (row !== undefined) onPick({ tenant: row.tenant_id, case: row.case_id });
  }
  useShortcuts([
    { keys: "j", label: t("desk_page.key.next"), run: () => move(1) },
    { keys: "k", label: t("desk_page.key.previous"), run: () => move(at < 0 ? 1 : -1) },
    { keys: ".", label: t("desk_page.key.show_new"), disabled: waiting === 0, run: showAll },
  ]);

  const label = (name: QueueViewName) => {
    const count = name === "open" ? counts?.open : name === "mine" ? counts?.mine : undefined;
    return `${t(`desk_page.view.${name}`)}${count === undefined ? "" : ` ${count}`}`;
  };
  return (
    <section className={classes.queue} aria-label={t("desk_page.queue")}>
      <header>
        <div className={classes.title}>
          <h2>{t("desk_page.queue")}</h2>
          <LivePill state={live} />
        </div>
        <SegmentedControl
          fullWidth
          size="xs"
          aria-label={t("desk_page.views")}
          value={view}
          onChange={(value) => onView(value as QueueViewName)}
          data={QUEUE_VIEWS.map((value) => ({ value, label: label(value) }))}
        />
        <p>{t(view === "decided" ? "desk_page.newest_first" : "desk_page.deadline_first")}</p>
        {waiting > 0 && (
          <Button
            fullWidth
            variant="light"
            size="compact-md"
            rightSection={<Kbd keys="." />}
            onClick={showAll}
          >
            {t("desk_page.new_cases", { count: waiting })}
          </Button>
        )}
      </header>
      {rows === undefined && queue.isError && (
        <ErrorState error={queue.error} onRetry={() => void queue.refetch()} />
      )}
      {rows === undefined && !queue.isError && <PageSkeleton />}
      {rows?.length === 0 && (
        <EmptyState icon={IconChecks} title={t("desk_page.all_clear")}>
          {t("desk_page.all_clear_hint")}
        </EmptyState>
      )}
      <ol ref={list}>
        {rows?.map((row) => (
          <li key={row.case_id}>
            <QueueItem
              row={row}
              isMine={row.lease_holder !== null && row.lease_holder === me}
              current={row.case_id === selected}
              onPick={() => onPick({ tenant: row.tenant_id, case: row.case_id })}
            />
          </li>
        ))}
      </ol>
      {queue.hasNextPage && (
        <Button
          variant="subtle"
          loading={queue.isFetchingNextPage}
          onClick={() => void queue.fetchNextPage()}
        >
          {t("table.more")}
        </Button>
      )}
      {counts !== undefined && (
        <footer>
          <span>{t("desk_page.held", { count: counts.held })}</span>
          <span data-tone={counts.overdue > 0 ? "bad" : undefined}>
            {t("desk_page.overdue", { count: counts.overdue })}
          </span>
        </footer>
      )}
    </section>
  );
}

function riskTone(score: number): Tone {
  if (score >= 60) return "bad";
  return score >= 30 ? "warn" : "idle";
}

type ItemProps = { row: QueueRow; isMine: boolean; current: boolean; onPick: () => void };

function QueueItem({ row, isMine, current, onPick }: ItemProps) {
  const { t, i18n } = useTranslation();
  const until = row.due_at ?? new Date(Date.parse(row.opened_at) + ANSWER_WITHIN_MS).toISOString();
  const risk = riskTone(row.score);
  const word = t("desk_page.risk", { score: row.score });
  return (
    <button
      type="button"
      className={classes.item}
      aria-current={current}
      data-done={row.state !== "open" || undefined}
      onClick={onPick}
    >
      {row.state === "open" ? (
        <LeaseClock
          until={until}
          totalMs={ANSWER_WITHIN_MS}
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
