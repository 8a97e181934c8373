import { useTranslation } from "react-i18next";
import { type PillIcon, StatusPill, type Tone } from "./status_pill";

const LOOKS: Record<string, { tone: Tone; icon: PillIcon }> = {
  active: { tone: "ok", icon: "done" },
  trial: { tone: "info", icon: "waiting" },
  suspended: { tone: "bad", icon: "paused" },
  closed: { tone: "idle", icon: "failed" },
};

export function TenantStatusPill({ status }: { status: string }) {
  const { t } = useTranslation();
  return (
    <StatusPill {...(LOOKS[status] ?? { tone: "idle", icon: "info" })}>
      {t(`tenant_status.${status as "trial"}`, { defaultValue: status })}
    </StatusPill>
  );
}
