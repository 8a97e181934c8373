import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { SessionView } from "@/api/shapes";
import { AppealPart } from "@/ui/appeal_part";
import { Callout } from "@/ui/callout";
import { formatInteger, formatPlanned } from "@/ui/format";
import { TopUpLink } from "@/ui/top_up_link";
import { outcomesQuery } from "./queries";
import { ReviewWait } from "./review_wait";

const WITH_OUTCOME = new Set(["refused", "draft"]);

/** What the state means for whoever waits, in plain words, and what would move it on. */
export function StateNotice({ session }: { session: SessionView }) {
  const { t, i18n } = useTranslation();
  const { state } = session;
  const deadline =
    session.deadline_at === null ? "" : formatPlanned(new Date(session.deadline_at), i18n.language);
  if (state === "awaiting_credits") return <Shortfall session={session} deadline={deadline} />;
  if (WITH_OUTCOME.has(state)) return <Outcome session={session} />;
  if (state === "paused") return <Paused session={session} deadline={deadline} />;
  if (state === "screening" || state === "awaiting_validation") {
    return (
      <ReviewWait
        sessionId={session.id}
        title={t(`session.notice.${state}`)}
        text={t("session.notice.review_text")}
      />
    );
  }
  if (state === "awaiting_confirmation" || state === "missed" || state === "failed") {
    return (
      <Callout tone={state === "failed" ? "bad" : "warn"} title={t(`session.notice.${state}`)} live>
        {state === "awaiting_confirmation" && session.shortage !== null && (
          <NewPrice session={session} />
        )}
        {t(`session.notice.${state}_text`, { deadline })}
      </Callout>
    );
  }
  if (state === "settling" && session.is_stopped) {
    return (
      <Callout tone="info" title={t("session.notice.stopped")}>
        {t("session.notice.stopped_text")}
      </Callout>
    );
  }
  return null;
}

function NewPrice({ session }: { session: SessionView }) {
  const { t, i18n } = useTranslation("schedule");
  const number = (value: number) => formatInteger(value, i18n.language);
  return (
    <p>
      {t("price", {
        required: number(session.shortage?.required_credits ?? 0),
        ceiling: number(session.shortage?.ceiling_credits ?? 0),
      })}
    </p>
  );
}

function Paused({ session, deadline }: { session: SessionView; deadline: string }) {
  const { t, i18n } = useTranslation(["app", "sending"]);
  const owner = session.pause_owner ?? "tenant";
  const isForbidden = owner === "suspension" || owner === "platform";
  const title = isForbidden
    ? t(`sending:paused.${owner}`)
    : t(`session.notice.paused_${owner === "tenant" ? "tenant" : "staff"}`);
  return (
    <Callout tone="warn" title={title}>
      {t("session.notice.paused_text", {
        waiting: formatInteger(session.progress.queued, i18n.language),
      })}{" "}
      {deadline !== "" && t("sending:paused.until", { until: deadline })}
    </Callout>
  );
}

function Shortfall({ session, deadline }: { session: SessionView; deadline: string }) {
  const { t, i18n } = useTranslation();
  const missing = session.shortage?.missing_credits ?? 0;
  const known = missing > 0;
  return (
    <Callout
      tone="warn"
      live
      title={
        known
          ? t("session.notice.short", {
              count: missing,
              amount: formatInteger(missing, i18n.language),
            })
          : t("session.notice.short_unknown")
      }
      action={<TopUpLink />}
    >
      {t("session.notice.short_text", { deadline })}
    </Callout>
  );
}

function Outcome({ session }: { session: SessionView }) {
  const { t } = useTranslation();
  const outcomes = useQuery(outcomesQuery(session.id));
  const last = outcomes.data?.[0];
  if (last === undefined || last.verdict === "approve") return null;
  const refused = last.verdict === "refuse";
  return (
    <Callout
      tone={refused ? "bad" : "warn"}
      title={last.reason ?? t(refused ? "session.notice.refused" : "composer.returned.changes")}
    >
      {last.message !== null && <p>{last.message}</p>}
      {last.suggested_fix !== null && (
        <p>
          <strong>{t("session.notice.fix")}</strong> {last.suggested_fix}
        </p>
      )}
      {last.comments.length > 0 && (
        <ul>
          {last.comments.map(({ part, start, text, comment }) => (
            <li key={`${part} ${start} ${comment}`}>
              <q>{text}</q> {comment}
            </li>
          ))}
        </ul>
      )}
      <AppealPart outcome={last} />
    </Callout>
  );
}
