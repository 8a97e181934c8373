import type { ReactNode } from "react";
import classes from "./toolbar.module.css";

/** Search and filters above a table, inside its card. */
export function Toolbar({ children }: { children: ReactNode }) {
  return <div className={classes.toolbar}>{children}</div>;
}

/** Two fields that say from where to where. */
export function ToolbarSpan({ from, to }: { from: ReactNode; to: ReactNode }) {
  return (
    <div className={classes.span}>
      {from}
      <span aria-hidden>–</span>
      {to}
    </div>
  );
}

/** What a filter or a figure found, at the right end. */
export function ToolbarEnd({ children }: { children: ReactNode }) {
  return <div className={classes.end}>{children}</div>;
}
