import type { ReactNode } from "react";
import classes from "./toolbar.module.css";

/** Search and filters above a table, inside its card. */
export function Toolbar({ children }: { children: ReactNode }) {
  return <div className={classes.toolbar}>{children}</div>;
}

/** What a filter or a figure found, at the right end. */
export function ToolbarEnd({ children }: { children: ReactNode }) {
  return <div className={classes.end}>{children}</div>;
}
