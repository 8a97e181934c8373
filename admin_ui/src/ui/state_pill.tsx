import { useTranslation } from "react-i18next";
import { type PillIcon, StatusPill, type Tone } from "./status_pill";

type Look = { tone: Tone; icon: PillIcon; pulse?: boolean };

// The states of a campaign session, in the order of its life.
const SESSION_LOOKS = {
  draft: { tone: "idle", icon: "draft" },
  screening: { tone: "info", icon: "waiting", pulse: true },
  awaiting_validation: { tone: "accent", icon: "review" },
  approved: { tone: "ok", icon: "done" },
  scheduled: { tone: "info", icon: "waiting" },
  preparing: { tone: "info", icon: "waiting", pulse: true },
  awaiting_credits: { tone: "warn", icon: "warning" },
  awaiting_confirmation: { tone: "warn", icon: "warning" },
  sending: { tone: "ok", icon: "dot", pulse: true },
  paused: { tone: "warn", icon: "paused" },
  settling: { tone: "info", icon: "waiting" },
  completed: { tone: "ok", icon: "done" },
  missed: { tone: "bad", icon: "warning" },
  refused: { tone: "bad", icon: "failed" },
  cancelled: { tone: "idle", icon: "failed" },
  failed: { tone: "bad", icon: "failed" },
} satisfies Record<string, Look>;

const MESSAGE_LOOKS = {
  queued: { tone: "idle", icon: "waiting" },
  submitting: { tone: "info", icon: "waiting" },
  accepted: { tone: "info", icon: "dot" },
  delivered: { tone: "ok", icon: "done" },
  undelivered: { tone: "bad", icon: "failed" },
  unreachable: { tone: "bad", icon: "failed" },
  rejected: { tone: "bad", icon: "failed" },
  expired: { tone: "warn", icon: "waiting" },
  cancelled: { tone: "idle", icon: "failed" },
  unconfirmed: { tone: "warn", icon: "warning" },
  excluded: { tone: "idle", icon: "info" },
} satisfies Record<string, Look>;

export type SessionState = keyof typeof SESSION_LOOKS;
export type MessageState = keyof typeof MESSAGE_LOOKS;

export function SessionStatePill({ state, size }: { state: SessionState; size?: "sm" | "md" }) {
  const { t } = useTranslation();
  return (
    <StatusPill {...SESSION_LOOKS[state]} size={size}>
      {t(`session_state.${state}`)}
    </StatusPill>
  );
}

export function MessageStatePill({ state }: { state: MessageState }) {
  const { t } = useTranslation();
  return <StatusPill {...MESSAGE_LOOKS[state]}>{t(`message_state.${state}`)}</StatusPill>;
}
