import { Button, CopyButton, Skeleton } from "@mantine/core";
import {
  IconAlertTriangle,
  IconCheck,
  IconCopy,
  IconLock,
  IconRefresh,
  type TablerIcon,
} from "@tabler/icons-react";
import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { asProblem, type Problem } from "@/api/problem";
import { Kbd } from "./kbd";
import classes from "./states.module.css";

type EmptyProps = {
  icon: TablerIcon;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  heading?: "h1" | "h2";
};

/** One sentence, one button, one example. */
export function EmptyState({ icon: Icon, title, children, action, heading: H = "h2" }: EmptyProps) {
  return (
    <div className={classes.state}>
      <span className={classes.icon}>
        <Icon size={22} aria-hidden />
      </span>
      <H className={classes.title}>{title}</H>
      {children !== undefined && <div className={classes.text}>{children}</div>}
      {action}
    </div>
  );
}

/** Who may not see a page is told who can change that. */
export function NoPermission({ grantedBy }: { grantedBy: string }) {
  const { t } = useTranslation();
  return (
    <EmptyState icon={IconLock} title={t("no_permission.title")} heading="h1">
      {t("no_permission.text", { granted_by: grantedBy })}
    </EmptyState>
  );
}

function useProblemText(problem: Problem): { title: string; text: string } {
  const { t, i18n } = useTranslation();
  const key = `problem.${problem.code}`;
  const known = i18n.exists(key) ? i18n.t(key as "problem.unreachable") : problem.title;
  const text = problem.detail || (problem.status >= 500 ? t("error.our_side") : "");
  return { title: known || t("error.title"), text };
}

type ErrorProps = {
  error: unknown;
  onRetry?: () => void;
  /** What is safe although this failed: "Nothing was sent." */
  safe?: string;
  compact?: boolean;
};

/** What happened, what is safe, Retry, and the id our support finds it by. */
export function ErrorState({ error, onRetry, safe, compact = false }: ErrorProps) {
  const { t } = useTranslation();
  const problem = asProblem(error);
  const { title, text } = useProblemText(problem);
  return (
    <div className={classes.state} data-tone="bad" data-compact={compact || undefined} role="alert">
      <span className={classes.icon}>
        <IconAlertTriangle size={compact ? 18 : 22} aria-hidden />
      </span>
      <div>
        <p className={classes.title}>{title}</p>
        {(text !== "" || safe !== undefined) && (
          <p className={classes.text}>
            {text} {safe !== undefined && <strong>{safe}</strong>}
          </p>
        )}
        <p className={classes.code}>
          <code>{problem.code}</code>
          {problem.requestId !== null && <RequestId id={problem.requestId} />}
        </p>
      </div>
      {onRetry !== undefined && (
        <Button variant="default" leftSection={<IconRefresh size={15} />} onClick={onRetry}>
          {t("error.retry")}
        </Button>
      )}
    </div>
  );
}

function RequestId({ id }: { id: string }) {
  const { t } = useTranslation();
  return (
    <CopyButton value={id}>
      {({ copied, copy }) => (
        <button
          type="button"
          className={classes.copy}
          onClick={copy}
          aria-label={t("error.copy_id")}
        >
          {copied ? <IconCheck size={13} aria-hidden /> : <IconCopy size={13} aria-hidden />}
          <span aria-live="polite">{copied ? t("error.copied") : id}</span>
        </button>
      )}
    </CopyButton>
  );
}

const SKELETON_DELAY_MS = 150;

/** Nothing for 150 ms, since a flash of grey is worse than a short wait; then the page's own shape. */
export function Delayed({ children }: { children: ReactNode }) {
  const [due, setDue] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setDue(true), SKELETON_DELAY_MS);
    return () => clearTimeout(timer);
  }, []);
  return due ? children : null;
}

export function PageSkeleton() {
  const { t } = useTranslation();
  return (
    <Delayed>
      <div role="status" aria-label={t("loading")}>
        <Skeleton height={26} width={260} mb={22} />
        <Skeleton height={120} radius="lg" mb={14} />
        <Skeleton height={280} radius="lg" />
      </div>
    </Delayed>
  );
}

export function KeyHint({ keys, children }: { keys: string; children: ReactNode }) {
  return (
    <span className={classes.hint}>
      <Kbd keys={keys} /> {children}
    </span>
  );
}
