import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { SessionView } from "@/api/shapes";
import { Section } from "@/ui/page_header";
import { StatusPill } from "@/ui/status_pill";
import classes from "./confirm_step.module.css";
import type { Step } from "./steps";

function stepAt(pointer: string): Step {
  return pointer.startsWith("/audience") ? "audience" : "message";
}

/** What is missing, each beside the step that mends it. */
export function DraftProblems({ session }: { session: SessionView }) {
  const { t, i18n } = useTranslation();
  return (
    <Section title={t("composer.confirm.missing")}>
      <ul className={classes.problems}>
        {session.draft_problems.map(({ pointer, code, message }) => {
          const key = `draft_problem.${code}`;
          return (
            <li key={`${pointer} ${code} ${message}`}>
              <StatusPill tone="bad">
                {i18n.exists(key) ? i18n.t(key as "brand") : message}
              </StatusPill>
              <Button
                variant="default"
                size="compact-md"
                renderRoot={(props) => (
                  <Link
                    {...props}
                    to="/campaigns/$sessionId/edit"
                    params={{ sessionId: session.id }}
                    search={{ step: stepAt(pointer) }}
                  />
                )}
              >
                {t("composer.confirm.mend")}
              </Button>
            </li>
          );
        })}
      </ul>
    </Section>
  );
}
