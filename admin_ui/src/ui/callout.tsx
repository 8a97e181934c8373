import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleX,
  IconInfoCircle,
  type TablerIcon,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import classes from "./callout.module.css";

type CalloutTone = "info" | "warn" | "bad" | "ok" | "accent";

const ICONS: Record<CalloutTone, TablerIcon> = {
  info: IconInfoCircle,
  warn: IconAlertTriangle,
  bad: IconCircleX,
  ok: IconCircleCheck,
  accent: IconInfoCircle,
};

type Props = {
  tone: CalloutTone;
  title?: ReactNode;
  icon?: TablerIcon;
  children?: ReactNode;
  action?: ReactNode;
  /** Spoken when it appears, for what changed under somebody's hands. */
  live?: boolean;
};

/** One thing to know or do at the place it concerns. */
export function Callout({ tone, title, icon, children, action, live = false }: Props) {
  const Icon = icon ?? ICONS[tone];
  return (
    <div className={classes.callout} data-tone={tone} role={live ? "status" : undefined}>
      <Icon size={17} aria-hidden />
      <div className={classes.words}>
        {title !== undefined && <strong>{title}</strong>}
        {children !== undefined && <div>{children}</div>}
      </div>
      {action !== undefined && <div className={classes.action}>{action}</div>}
    </div>
  );
}
