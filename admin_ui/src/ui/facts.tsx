import type { ReactNode } from "react";
import classes from "./facts.module.css";

type Fact = { label: string; value: ReactNode };

/** Label and value per line; what is not known is a dash, said aloud as the caller's own word. */
export function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl className={classes.facts}>
      {facts.map(({ label, value }) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value === null || value === undefined || value === "" ? "–" : value}</dd>
        </div>
      ))}
    </dl>
  );
}

type NoteProps = { tone: "info" | "warn" | "bad" | "ok"; icon: ReactNode; children: ReactNode };

/** A sentence that must not be overlooked, in its colour and with its sign. */
export function Note({ tone, icon, children }: NoteProps) {
  return (
    <div className={classes.note} data-tone={tone}>
      {icon}
      <div>{children}</div>
    </div>
  );
}
