import { IconCheck } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { ImportView } from "@/api/imports";
import { type PillIcon, StatusPill, type Tone } from "@/ui/status_pill";
import classes from "./imports.module.css";

export type ImportState = ImportView["state"];

const LOOKS: Record<ImportState, { tone: Tone; icon: PillIcon; pulse?: boolean }> = {
  uploaded: { tone: "info", icon: "waiting", pulse: true },
  parsing: { tone: "info", icon: "waiting", pulse: true },
  parsed: { tone: "accent", icon: "review" },
  failed: { tone: "bad", icon: "failed" },
  accepting: { tone: "info", icon: "waiting", pulse: true },
  accepted: { tone: "ok", icon: "done" },
  discarded: { tone: "idle", icon: "failed" },
};

/** A worker is at it: the page asks again until it is not. */
export function isMoving(state: ImportState): boolean {
  return state === "uploaded" || state === "parsing" || state === "accepting";
}

export function ImportStatePill({ state, size }: { state: ImportState; size?: "sm" | "md" }) {
  const { t } = useTranslation();
  return (
    <StatusPill {...LOOKS[state]} size={size}>
      {t(`imports.state_${state}`)}
    </StatusPill>
  );
}

const STEPS = ["file", "read", "check", "import"] as const;
export type ImportStep = (typeof STEPS)[number] | "done";

export function stepOf(state: ImportState): ImportStep {
  if (state === "uploaded" || state === "parsing") return "read";
  if (state === "accepting") return "import";
  if (state === "accepted") return "done";
  return "check";
}

/** Where the job stands; a finished step has a tick, the current one is named to screen readers. */
export function ImportSteps({ at }: { at: ImportStep }) {
  const { t } = useTranslation();
  const current = at === "done" ? STEPS.length : STEPS.indexOf(at);
  return (
    <ol className={classes.steps} aria-label={t("imports.steps")}>
      {STEPS.map((step, index) => (
        <li
          key={step}
          aria-current={index === current ? "step" : undefined}
          data-done={index < current || undefined}
        >
          <span aria-hidden>
            {index < current ? <IconCheck size={13} stroke={3} /> : index + 1}
          </span>
          {t(`imports.step_${step}`)}
        </li>
      ))}
    </ol>
  );
}
