import { useTranslation } from "react-i18next";
import { StatusPill, type Tone } from "@/ui/status_pill";
import type { Verdict } from "./queries";

const TONES: Record<Verdict, Tone> = { approve: "ok", request_changes: "warn", refuse: "bad" };

export function VerdictPill({ verdict }: { verdict: Verdict }) {
  const { t } = useTranslation();
  return <StatusPill tone={TONES[verdict]}>{t(`desk_page.verdict.${verdict}`)}</StatusPill>;
}
