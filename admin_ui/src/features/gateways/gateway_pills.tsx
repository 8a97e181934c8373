import { useTranslation } from "react-i18next";
import { StatusPill, type Tone } from "@/ui/status_pill";
import type { Gateway } from "./gateways";

const TONES: Record<Gateway["health"], Tone> = {
  healthy: "ok",
  slow: "warn",
  probation: "info",
  out: "bad",
};

/** What we say of it, then whether it works, then how it fares: the first that is not well. */
export function GatewayPill({ of, size }: { of: Gateway; size?: "sm" | "md" }) {
  const { t } = useTranslation("gateways");
  if (of.state === "disabled") {
    return (
      <StatusPill tone="idle" icon="failed" size={size}>
        {t("state.disabled")}
      </StatusPill>
    );
  }
  if (!of.is_working) {
    return (
      <StatusPill tone="bad" size={size}>
        {t("state.down")}
      </StatusPill>
    );
  }
  if (of.state === "draining") {
    return (
      <StatusPill tone="warn" icon="paused" size={size}>
        {t("state.draining")}
      </StatusPill>
    );
  }
  return (
    <StatusPill tone={TONES[of.health]} size={size}>
      {t(`health.${of.health}`)}
    </StatusPill>
  );
}
