import { IconChevronRight } from "@tabler/icons-react";
import { Fragment, type ReactNode } from "react";
import classes from "./page_header.module.css";

type Props = {
  title: ReactNode;
  /** Links to where one came from; the last is the page itself, as plain text. */
  trail?: readonly ReactNode[];
  state?: ReactNode;
  actions?: ReactNode;
  children?: ReactNode;
};

/** Title and state at the left, main action at the right; the page's only h1. */
export function PageHeader({ title, trail = [], state, actions, children }: Props) {
  return (
    <header className={classes.header}>
      {trail.length > 0 && (
        <nav aria-label="breadcrumb" className={classes.trail}>
          {trail.map((crumb, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a trail never reorders
            <Fragment key={index}>
              {index > 0 && <IconChevronRight size={13} aria-hidden />}
              <span>{crumb}</span>
            </Fragment>
          ))}
        </nav>
      )}
      <div className={classes.row}>
        <div className={classes.title}>
          <h1>{title}</h1>
          {state}
        </div>
        {actions !== undefined && <div className={classes.actions}>{actions}</div>}
      </div>
      {children}
    </header>
  );
}

type SectionProps = {
  title?: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
  flush?: boolean;
  label?: string;
};

/** A card with a heading; `flush` lets a table run to its edges. */
export function Section({ title, aside, children, flush = false, label }: SectionProps) {
  return (
    <section className={classes.section} data-flush={flush || undefined} aria-label={label}>
      {(title !== undefined || aside !== undefined) && (
        <div className={classes.sectionHead}>
          {title !== undefined && <h2>{title}</h2>}
          {aside !== undefined && <div className={classes.aside}>{aside}</div>}
        </div>
      )}
      {children}
    </section>
  );
}
