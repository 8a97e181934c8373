import { UnstyledButton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { LiveState } from "@/api/live";
import { type PillIcon, StatusPill, type Tone } from "./status_pill";

const LOOKS: Record<LiveState, { tone: Tone; icon: PillIcon; pulse?: boolean }> = {
  live: { tone: "ok", icon: "dot" },
  reconnecting: { tone: "warn", icon: "waiting", pulse: true },
  paused: { tone: "idle", icon: "paused" },
};

type Props = { state: LiveState; onPause?: (paused: boolean) => void };

/** Says whether the figures move by themselves; a click pauses them (WCAG 2.2.2). */
export function LivePill({ state, onPause }: Props) {
  const { t } = useTranslation();
  const pill = <StatusPill {...LOOKS[state]}>{t(`live.${state}`)}</StatusPill>;
  if (onPause === undefined) return <span role="status">{pill}</span>;
  const action = state === "paused" ? t("live.resume") : t("live.pause");
  return (
    <UnstyledButton
      onClick={() => onPause(state !== "paused")}
      title={action}
      aria-label={`${t(`live.${state}`)}. ${action}`}
      style={{ borderRadius: 999, minHeight: 24 }}
    >
      {pill}
    </UnstyledButton>
  );
}
