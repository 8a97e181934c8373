import { useTranslation } from "react-i18next";
import type { ApprovalState } from "@/api/shapes";
import { type PillIcon, StatusPill, type Tone } from "@/ui/status_pill";

const LOOKS: Record<ApprovalState, { tone: Tone; icon: PillIcon }> = {
  draft: { tone: "idle", icon: "draft" },
  requested: { tone: "idle", icon: "draft" },
  awaiting_approval: { tone: "accent", icon: "review" },
  approved: { tone: "ok", icon: "done" },
  refused: { tone: "bad", icon: "failed" },
  withdrawn: { tone: "idle", icon: "failed" },
};

export function ApprovalPill({ state }: { state: ApprovalState }) {
  const { t } = useTranslation();
  return <StatusPill {...LOOKS[state]}>{t(`approval_state.${state}`)}</StatusPill>;
}
