import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Section } from "@/ui/page_header";
import classes from "./lead_pages.module.css";

type PastVersion = { version: number; note: string; made_by: string; since: ReactNode };

/** What was in force before, newest first; nothing where there is only one. */
export function PastVersions({ versions }: { versions: PastVersion[] }) {
  const { t } = useTranslation("lead");
  if (versions.length === 0) return null;
  return (
    <Section title={t("versions")}>
      <ol className={classes.versions}>
        {versions.map(({ version, note, made_by, since }) => (
          <li key={version}>
            <strong>{t("version", { version })}</strong>
            <span>{note}</span>
            <span>{made_by}</span>
            <span>{since}</span>
          </li>
        ))}
      </ol>
    </Section>
  );
}
