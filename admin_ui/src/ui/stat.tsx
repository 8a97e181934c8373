import type { ReactNode } from "react";
import classes from "./stat.module.css";

type Props = { label: string; value: ReactNode; note?: ReactNode; tone?: "ok" | "bad" | "accent" };

export function Stat({ label, value, note, tone }: Props) {
  return (
    <div className={classes.stat}>
      <dt>{label}</dt>
      <dd className={classes.value}>{value}</dd>
      {note !== undefined && (
        <dd className={classes.note} data-tone={tone}>
          {note}
        </dd>
      )}
    </div>
  );
}

/** Several figures in one card, parted by hairlines. */
export function StatRow({ children, label }: { children: ReactNode; label: string }) {
  return (
    <section aria-label={label} className={classes.card}>
      <dl className={classes.row}>{children}</dl>
    </section>
  );
}
