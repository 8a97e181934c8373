import { Button } from "@mantine/core";
import { IconCalendarTime, IconPencil } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "@/api/session";
import type { SessionView } from "@/api/shapes";
import { Callout } from "@/ui/callout";
import { formatPlanned } from "@/ui/format";
import { Section } from "@/ui/page_header";
import { RelativeTime } from "@/ui/relative_time";
import { RescheduleDialog } from "./reschedule_dialog";
import classes from "./schedule_card.module.css";
import { SeriesPart } from "./series_part";

const SENDING_ROLES: ReadonlySet<string> = new Set(["owner", "manager", "sender"]);
const WRITING_ROLES: ReadonlySet<string> = new Set(["owner", "manager", "sender", "editor"]);
const APPROVAL_DAYS_MS = 90 * 24 * 3_600_000;

/** When it leaves, in its zone and in the reader's, and what may be done about that. */
export function ScheduleCard({ session }: { session: SessionView }) {
  const { t } = useTranslation("schedule");
  const navigate = useNavigate();
  const role = useSession()?.member_role ?? "viewer";
  const [moving, setMoving] = useState(false);
  if (session.state === "draft" || (session.due_at === null && session.series_id === null)) {
    return session.capabilities.may_reschedule ? <MissedButton session={session} /> : null;
  }
  const mayMove = session.capabilities.may_reschedule && SENDING_ROLES.has(role);
  const mayEdit = session.state === "scheduled" && WRITING_ROLES.has(role);
  const edit = () =>
    void navigate({
      to: "/campaigns/$sessionId/edit",
      params: { sessionId: session.id },
      search: { step: session.has_unsubmitted_edit ? "confirm" : "message" },
    });
  return (
    <>
      {session.has_unsubmitted_edit && (
        <Callout
          tone="warn"
          title={t("edited")}
          action={
            mayEdit && (
              <Button variant="default" onClick={edit}>
                {t("edited_open")}
              </Button>
            )
          }
        >
          {t("edited_text")}
        </Callout>
      )}
      <div className={classes.card} data-single={session.series_id === null || undefined}>
        <Section title={t("title")}>
          <Due session={session} />
          {(mayMove || mayEdit) && (
            <div className={classes.buttons}>
              {mayMove && (
                <Button
                  variant="default"
                  leftSection={<IconCalendarTime size={16} />}
                  onClick={() => setMoving(true)}
                >
                  {t("move")}
                </Button>
              )}
              {mayEdit && (
                <Button variant="default" leftSection={<IconPencil size={16} />} onClick={edit}>
                  {t("edit")}
                </Button>
              )}
            </div>
          )}
        </Section>
        {session.series_id !== null && (
          <SeriesPart id={session.series_id} session={session} mayAct={SENDING_ROLES.has(role)} />
        )}
      </div>
      {moving && <RescheduleDialog session={session} onClose={() => setMoving(false)} />}
    </>
  );
}

function MissedButton({ session }: { session: SessionView }) {
  const { t } = useTranslation("schedule");
  const role = useSession()?.member_role ?? "viewer";
  const [moving, setMoving] = useState(false);
  if (!SENDING_ROLES.has(role)) return null;
  return (
    <div>
      <Button
        variant="default"
        leftSection={<IconCalendarTime size={16} />}
        onClick={() => setMoving(true)}
      >
        {t("move")}
      </Button>
      {moving && <RescheduleDialog session={session} onClose={() => setMoving(false)} />}
    </div>
  );
}

const STILL_TO_LEAVE = new Set(["screening", "awaiting_validation", "approved", "scheduled"]);

function Due({ session }: { session: SessionView }) {
  const { t, i18n } = useTranslation("schedule");
  if (session.due_at === null) {
    return <p className={classes.when}>{t("session_of", { number: session.occurrence_number })}</p>;
  }
  const at = new Date(session.due_at);
  const zone = session.due_zone ?? undefined;
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const waits = STILL_TO_LEAVE.has(session.state);
  const until =
    session.approval?.at && waits && session.approval.revoked_at === null
      ? new Date(new Date(session.approval.at).getTime() + APPROVAL_DAYS_MS)
      : null;
  const minutes = session.max_lateness_minutes;
  return (
    <>
      <p className={classes.when}>
        <time dateTime={session.due_at}>{formatPlanned(at, i18n.language, zone)}</time>
        <small>
          {session.due_zone}
          {own !== zone && ` · ${t("your_time", { when: formatPlanned(at, i18n.language, own) })}`}
          {" · "}
          <RelativeTime at={session.due_at} zone={zone} />
        </small>
      </p>
      <dl className={classes.notes}>
        {session.occurrence_number !== null && (
          <div>
            <dt>{t("session_of", { number: session.occurrence_number })}</dt>
          </div>
        )}
        {waits && (
          <div>
            <dt>{t("lateness")}</dt>
            <dd>
              {minutes % 60 === 0
                ? t("lateness_hours", { count: minutes / 60 })
                : t("lateness_minutes", { count: minutes })}
            </dd>
          </div>
        )}
        {until !== null && (
          <div>
            <dt>{t("approved_until")}</dt>
            <dd>
              {formatPlanned(until, i18n.language, zone)}
              {until < at && ` · ${t("approved_short")}`}
            </dd>
          </div>
        )}
      </dl>
    </>
  );
}
