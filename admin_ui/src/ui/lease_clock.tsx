import { VisuallyHidden } from "@mantine/core";
import { IconClock } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { formatClock, formatHours } from "./format";
import classes from "./lease_clock.module.css";
import { useNow } from "./use_now";

const RADIUS = 17;
const CIRCUMFERENCE = 2 * Math.PI * RADIUS;
const MINUTE_MS = 60_000;
// A timer that speaks every second is unusable; these two moments are worth an interruption.
const SPOKEN_MINUTES = [5, 1];

type Props = {
  until: string;
  totalMs: number;
  label: string;
  shape?: "ring" | "pill";
  /** "Held by you, 2:51" instead of "2:51 left". */
  words?: (clock: string) => string;
};

function toneOf(leftMs: number, totalMs: number): "ok" | "warn" | "bad" {
  if (leftMs <= Math.min(totalMs * 0.3, 5 * MINUTE_MS)) return "bad";
  return leftMs <= totalMs * 0.6 ? "warn" : "ok";
}

/** Time left until `until`, as a ring of `totalMs` or as a pill in a header. */
export function LeaseClock({ until, totalMs, label, shape = "ring", words }: Props) {
  const { t, i18n } = useTranslation();
  const leftMs = Math.max(0, Date.parse(until) - useNow());
  const clock = formatClock(leftMs);
  const tone = toneOf(leftMs, totalMs);
  const minutesLeft = Math.ceil(leftMs / MINUTE_MS);
  const spoken = SPOKEN_MINUTES.includes(minutesLeft)
    ? t("clock.spoken", { label, count: minutesLeft })
    : "";
  const share = Math.min(1, leftMs / totalMs);
  return (
    <span className={classes.clock} data-tone={tone} data-shape={shape}>
      {shape === "ring" ? (
        <svg viewBox="0 0 40 40" className={classes.ring} aria-hidden="true">
          <circle cx="20" cy="20" r={RADIUS} className={classes.track} />
          <circle
            cx="20"
            cy="20"
            r={RADIUS}
            className={classes.left}
            strokeDasharray={`${share * CIRCUMFERENCE} ${CIRCUMFERENCE}`}
          />
        </svg>
      ) : (
        <IconClock size={15} aria-hidden />
      )}
      <span role="timer" aria-label={label} aria-live="off" className={classes.digits}>
        {shape === "ring"
          ? (formatHours(leftMs, i18n.language) ?? clock)
          : (words?.(clock) ?? t("clock.left", { clock }))}
      </span>
      <VisuallyHidden role="status">{spoken}</VisuallyHidden>
    </span>
  );
}
