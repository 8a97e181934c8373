import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Callout } from "@/ui/callout";
import { formatInteger } from "@/ui/format";
import { LeaseClock } from "@/ui/lease_clock";
import { RelativeTime } from "@/ui/relative_time";
import { StatusPill } from "@/ui/status_pill";
import { AudienceFacts } from "./audience_facts";
import { CaseNotes } from "./case_notes";
import classes from "./case_pane.module.css";
import { CaseStanding } from "./case_standing";
import { Comparison, SenderFacts } from "./comparison";
import { DecisionBar } from "./decision_bar";
import { EndSession } from "./end_session";
import { Findings } from "./findings";
import { Hosts } from "./hosts";
import type { CaseKey, CaseView } from "./queries";
import { Revoke } from "./revoke";
import { Samples } from "./samples";
import { useHeartbeat } from "./use_lease";
import { usePresence } from "./use_presence";
import { WrittenText } from "./written_text";

const SLACK_SHOWN_MS = 15 * 60_000;
const LEASE_MS = 5 * 60_000;

type Props = {
  at: CaseKey;
  seen: CaseView;
  back: ReactNode;
  onReload: () => void;
  onDone: () => void;
  onClose: () => void;
  onUndone: (key: CaseKey) => void;
};

export function CasePane({ at, seen, back, onReload, onDone, onClose, onUndone }: Props) {
  const { t } = useTranslation();
  const lost = useHeartbeat(at, seen);
  const others = usePresence(at, seen);
  return (
    <div className={classes.case}>
      <header className={classes.head}>
        <div>
          {back}
          <h1>{seen.title}</h1> <span className="mono">{seen.id.slice(-6)}</span>
          <Summary seen={seen} />
        </div>
        <div className={classes.clocks}>
          {seen.state === "open" && <Clocks seen={seen} others={others} />}
          <Revoke at={at} seen={seen} />
          <EndSession at={at} seen={seen} />
        </div>
      </header>
      <div className={classes.body}>
        {seen.cause !== "submitted" && (
          <Callout tone="info" title={t("desk_page.cause")}>
            {seen.cause}
          </Callout>
        )}
        {seen.is_own_tenant && <Callout tone="warn">{t("desk_page.own_tenant")}</Callout>}
        <CaseStanding seen={seen} />
        {seen.decision !== null && <Decided seen={seen} />}
        <Findings seen={seen} />
        {seen.kind === "sender_id" ? <SenderFacts seen={seen} /> : <WrittenText seen={seen} />}
        {seen.dry_run.renderings.length > 0 && <Samples renderings={seen.dry_run.renderings} />}
        {seen.comparison !== null && <Comparison seen={seen} />}
        {seen.dry_run.hosts.length > 0 && <Hosts seen={seen} />}
        {seen.kind === "campaign_session" && <AudienceFacts seen={seen} />}
        <CaseNotes at={at} seen={seen} />
      </div>
      {seen.state === "open" && (
        <DecisionBar
          at={at}
          seen={seen}
          lost={lost}
          onReload={onReload}
          onDone={onDone}
          onClose={onClose}
          onUndone={onUndone}
        />
      )}
    </div>
  );
}

function Summary({ seen }: { seen: CaseView }) {
  const { t, i18n } = useTranslation();
  const { content, dry_run: run } = seen;
  const number = (value: number) => formatInteger(value, i18n.language);
  if (seen.kind !== "campaign_session") {
    return (
      <p>
        {t(`desk_page.kind.${seen.kind}`)} · {t("desk_page.asked")}{" "}
        <RelativeTime at={seen.opened_at} />
      </p>
    );
  }
  return (
    <p>
      {t("desk_page.from")} <strong>{content.sender}</strong>{" "}
      {t("desk_page.to", {
        recipients: number(run.recipients),
        segments: number(run.segments),
        credits: number(run.credits),
      })}
      {content.due_local !== null && ` · ${content.due_local} ${content.due_zone ?? ""}`}
    </p>
  );
}

function Clocks({ seen, others }: { seen: CaseView; others: readonly string[] }) {
  const { t } = useTranslation();
  const { t: said } = useTranslation("moderation");
  const lookers = others.filter((name) => name !== seen.lease_holder_name);
  return (
    <>
      <LeaseClock
        until={seen.due_at ?? seen.priority_at}
        totalMs={SLACK_SHOWN_MS}
        label={t("desk_page.deadline")}
        shape="pill"
      />
      {seen.is_mine && seen.lease_until !== null && (
        <span className={classes.mine}>
          <LeaseClock
            until={seen.lease_until}
            totalMs={LEASE_MS}
            label={t("desk_page.held_by_you")}
            words={(clock) => t("desk_page.held_until", { clock })}
            shape="pill"
          />
        </span>
      )}
      {!seen.is_mine && seen.lease_holder_name !== null && (
        <StatusPill tone="info" icon="review" size="md">
          {t("desk_page.held_by", { name: seen.lease_holder_name })}
        </StatusPill>
      )}
      {lookers.length > 0 && (
        <StatusPill tone="idle" icon="review" size="md">
          {said("looking", { count: lookers.length, names: lookers.join(", ") })}
        </StatusPill>
      )}
    </>
  );
}

function Decided({ seen }: { seen: CaseView }) {
  const { t } = useTranslation();
  const { decision } = seen;
  if (decision === null) return null;
  const tone =
    decision.verdict === "approve" ? "ok" : decision.verdict === "refuse" ? "bad" : "warn";
  return (
    <Callout
      tone={decision.revoked_at === null ? tone : "warn"}
      title={t("desk_page.decided_by", {
        verdict: t(`desk_page.verdict.${decision.verdict}`),
        name: decision.decided_by_name,
      })}
    >
      <RelativeTime at={decision.decided_at} /> {decision.message}{" "}
      {decision.revoked_at !== null && t("desk_page.was_revoked")} {decision.revoked_reason}
    </Callout>
  );
}
