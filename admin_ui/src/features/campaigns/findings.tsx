import { useDebouncedValue } from "@mantine/hooks";
import { IconAlertTriangle, IconCircleCheck, IconCircleX } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { components } from "@/api/schema";
import type { SessionView } from "@/api/shapes";
import { Section } from "@/ui/page_header";
import classes from "./message_step.module.css";
import { textQuery } from "./queries";
import type { DraftHandle } from "./use_draft";

type FieldError = components["schemas"]["FieldError"];

const ASK_AFTER_MS = 350;
const PARTS = new Set(["/header", "/body", "/footer"]);

/** What the server says about the text being written: the words a quote would refuse it with. */
export function Findings({ draft, session }: { draft: DraftHandle; session: SessionView }) {
  const { t, i18n } = useTranslation();
  const { header, body, footer } = draft.fields;
  const [parts] = useDebouncedValue({ header, body, footer }, ASK_AFTER_MS, { leading: false });
  const text = useQuery({ ...textQuery(parts), placeholderData: keepPreviousData });
  // The draft's own list knows the sender and the template as well.
  const elsewhere = session.draft_problems.filter(
    ({ pointer, code }) =>
      !PARTS.has(pointer) && !pointer.startsWith("/audience") && code !== "template_only",
  );
  const problems = [...(text.data?.problems ?? []), ...elsewhere];
  const warnings = text.data?.warnings.filter(({ code }) => code !== "forces_ucs2") ?? [];
  const words = ({ code, message }: FieldError) => {
    const key = `draft_problem.${code}`;
    return i18n.exists(key) ? i18n.t(key as "brand") : message;
  };
  if (body.trim() === "" || text.data === undefined) return null;
  return (
    <Section label={t("composer.checks")}>
      <ul className={classes.findings} aria-live="polite">
        {problems.map((problem) => (
          <li key={`${problem.pointer} ${problem.code} ${problem.message}`} data-tone="bad">
            <IconCircleX size={16} aria-hidden />
            <span>
              {words(problem)} {problem.code.startsWith("unknown") && <q>{problem.message}</q>}
            </span>
          </li>
        ))}
        {warnings.map((warning) => (
          <li key={`${warning.pointer} ${warning.code} ${warning.message}`} data-tone="warn">
            <IconAlertTriangle size={16} aria-hidden />
            <span>
              {words(warning)} {warning.code.startsWith("link_") && <q>{warning.message}</q>}
            </span>
          </li>
        ))}
        {problems.length === 0 && (
          <li data-tone="ok">
            <IconCircleCheck size={16} aria-hidden />
            <span>{t("composer.no_problems")}</span>
          </li>
        )}
        {text.data.links.length > 0 && (
          <li>
            <span className={classes.hosts}>
              {t("composer.links")}{" "}
              {[...new Set(text.data.links.map(({ host }) => host))].map((host) => (
                <code key={host}>{host}</code>
              ))}
            </span>
          </li>
        )}
      </ul>
    </Section>
  );
}
