import {
  IconAlertTriangleFilled,
  IconCircleCheckFilled,
  IconCircleXFilled,
  IconClock,
  IconEye,
  IconInfoCircle,
  IconPencil,
  IconPlayerPauseFilled,
  IconPointFilled,
  type TablerIcon,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import classes from "./status_pill.module.css";

export type Tone = "ok" | "warn" | "bad" | "info" | "accent" | "idle";

export const pillIcons = {
  dot: IconPointFilled,
  done: IconCircleCheckFilled,
  failed: IconCircleXFilled,
  warning: IconAlertTriangleFilled,
  info: IconInfoCircle,
  waiting: IconClock,
  paused: IconPlayerPauseFilled,
  draft: IconPencil,
  review: IconEye,
} satisfies Record<string, TablerIcon>;

export type PillIcon = keyof typeof pillIcons;

const ICON_OF_TONE: Record<Tone, PillIcon> = {
  ok: "done",
  warn: "warning",
  bad: "failed",
  info: "info",
  accent: "dot",
  idle: "dot",
};

type Props = {
  tone: Tone;
  children: ReactNode;
  icon?: PillIcon;
  size?: "sm" | "md";
  pulse?: boolean;
};

/** Colour is never alone: always an icon and a word beside it. */
export function StatusPill({ tone, children, icon, size = "sm", pulse = false }: Props) {
  const Icon = pillIcons[icon ?? ICON_OF_TONE[tone]];
  return (
    <span
      className={classes.pill}
      data-tone={tone}
      data-size={size}
      data-pulse={pulse || undefined}
    >
      <Icon size={size === "md" ? 15 : 13} className={classes.icon} aria-hidden />
      <span className={classes.word}>{children}</span>
    </span>
  );
}

/** A fact beside a name ("First send", "+1"): no state, hence no icon. */
export function Tag({ children, tone = "idle" }: { children: ReactNode; tone?: Tone }) {
  return (
    <span className={classes.pill} data-tone={tone} data-size="sm" data-tag>
      {children}
    </span>
  );
}
