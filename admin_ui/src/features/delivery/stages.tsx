import { IconCheck, IconPointFilled, IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { SessionView } from "@/api/shapes";
import { RelativeTime } from "@/ui/relative_time";
import classes from "./stages.module.css";

type Stage = {
  id: "submitted" | "approved" | "started" | "sending" | "done" | "ended";
  at: string | null;
  look: "done" | "now" | "next" | "bad";
};

const RUNNING = new Set(["sending", "paused", "settling"]);
/** Not begun, until something else happens first: nothing of it has left. */
const WAITING = new Set(["scheduled", "awaiting_credits", "awaiting_confirmation"]);
const BAD_ENDS = new Set(["refused", "cancelled", "failed", "missed"]);

/** The five moments of a session; what has not happened yet stands pale behind. */
function stagesOf(session: SessionView): Stage[] {
  const { state } = session;
  const approvedAt = session.approval?.revoked_at === null ? session.approval.at : null;
  const stage = (id: Stage["id"], at: string | null): Stage => ({
    id,
    at,
    look: at === null ? "next" : "done",
  });
  const stages = [stage("submitted", session.submitted_at), stage("approved", approvedAt)];
  if (!WAITING.has(state)) stages.push(stage("started", session.started_at));
  if (RUNNING.has(state) || WAITING.has(state))
    stages.push({ id: "sending", at: null, look: "now" });
  if (BAD_ENDS.has(state)) {
    const happened = stages.filter(({ look }) => look === "done");
    return [...happened, { id: "ended", at: session.state_changed_at, look: "bad" }];
  }
  stages.push(stage("done", session.completed_at));
  const first = stages.find(({ look }) => look === "next");
  const stands = RUNNING.has(state) || WAITING.has(state) || state === "draft";
  if (first !== undefined && !stands) first.look = "now";
  return stages;
}

export function Stages({ session }: { session: SessionView }) {
  const { t } = useTranslation();
  return (
    <ol className={classes.stages} aria-label={t("session.stages")}>
      {stagesOf(session).map(({ id, at, look }) => (
        <li key={id} data-look={look} aria-current={look === "now" ? "step" : undefined}>
          {look === "done" ? (
            <IconCheck size={15} stroke={2.4} aria-hidden />
          ) : look === "bad" ? (
            <IconX size={15} stroke={2.4} aria-hidden />
          ) : (
            <IconPointFilled size={15} aria-hidden />
          )}
          <span>
            {id === "ended"
              ? t(`session_state.${session.state}`)
              : id === "sending"
                ? t(`session_state.${session.state}`)
                : t(look === "now" ? `session.stage_now.${id}` : `session.stage.${id}`)}
          </span>
          {at !== null && (
            <small>
              <RelativeTime at={at} />
            </small>
          )}
        </li>
      ))}
    </ol>
  );
}
