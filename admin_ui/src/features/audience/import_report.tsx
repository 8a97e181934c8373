import { Button } from "@mantine/core";
import { IconAlertTriangle, IconCircleX, IconDownload } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import type { ImportView } from "@/api/imports";
import { useIntent } from "@/api/use_intent";
import { countryName } from "@/ui/countries";
import { Facts, Note } from "@/ui/facts";
import { formatInteger } from "@/ui/format";
import { Section } from "@/ui/page_header";
import { Stat, StatRow } from "@/ui/stat";
import classes from "./audience.module.css";
import { csvOf, type ImportProblem, saveFile } from "./import_problem_file";
import { ImportProblems } from "./import_problems";
import importClasses from "./imports.module.css";
import { useProblemWords } from "./problem_words";

const PAGE_ROWS = 200;
const COUNTRIES_SHOWN = 8;

/** What the check of the file found, before anything is decided. */
export function ImportReport({ job }: { job: ImportView }) {
  const { t, i18n } = useTranslation();
  const { report } = job;
  if (report === null) return null;
  if (report.failure) return <Failed failure={report.failure} />;
  const amount = (value: number) => formatInteger(value, i18n.language);
  return (
    <div className={classes.stack}>
      <StatRow label={t("imports.report")}>
        <Stat
          label={t("imports.ready")}
          value={amount(job.rows_ready)}
          note={t("imports.of_rows", { count: job.rows_read, amount: amount(job.rows_read) })}
          tone="ok"
        />
        <Stat
          label={t("imports.existing")}
          value={amount(report.existing)}
          note={t("imports.existing_note")}
        />
        <Stat label={t("imports.duplicates")} value={amount(job.duplicates)} />
        <Stat
          label={t("imports.refused")}
          value={amount(job.rows_refused)}
          note={job.rows_refused > 0 ? t("imports.refused_note") : undefined}
          tone={job.rows_refused > 0 ? "bad" : undefined}
        />
        <Stat
          label={t("imports.opted_out")}
          value={amount(report.opted_out)}
          note={report.opted_out > 0 ? t("imports.opted_out_note") : undefined}
        />
      </StatRow>
      {(report.suspicious_ranges ?? []).map(({ prefix, numbers }) => (
        <Note key={prefix} tone="warn" icon={<IconAlertTriangle size={17} aria-hidden />}>
          {t("imports.suspicious", { prefix, count: numbers, amount: amount(numbers) })}
        </Note>
      ))}
    </div>
  );
}

type Report = NonNullable<ImportView["report"]>;

/** Counts by kind and country, then every line, to look at or to download. */
export function ImportFindings({ job }: { job: ImportView }) {
  if (job.report === null || job.report.failure) return null;
  return <Findings job={job} report={job.report} />;
}

function Findings({ job, report }: { job: ImportView; report: Report }) {
  const { t, i18n } = useTranslation();
  const words = useProblemWords();
  const problems = sorted(report.problems);
  const notices = sorted(report.notices);
  const countries = sorted(report.countries).slice(0, COUNTRIES_SHOWN);
  const saving = useIntent((id: string) => allProblems(id), {
    onSuccess: (rows) => saveFile(`${job.file_name}-problems.csv`, csvOf(rows, words)),
  });
  const has = problems.length + notices.length > 0;
  return (
    <>
      <div className={importClasses.halves}>
        {has && (
          <Section
            title={t("imports.findings")}
            aside={
              <Button
                size="compact-sm"
                variant="default"
                leftSection={<IconDownload size={14} aria-hidden />}
                loading={saving.isPending}
                onClick={() => saving.mutate(job.id)}
              >
                {t("imports.download")}
              </Button>
            }
          >
            <Counts rows={[...problems, ...notices].map(([code, count]) => [words(code), count])} />
          </Section>
        )}
        {countries.length > 0 && (
          <Section title={t("imports.countries")}>
            <Counts
              rows={countries.map(([code, count]) => [countryName(code, i18n.language), count])}
            />
          </Section>
        )}
      </div>
      {has && <ImportProblems importId={job.id} />}
    </>
  );
}

function Counts({ rows }: { rows: [string, number][] }) {
  const { i18n } = useTranslation();
  return (
    <ul className={importClasses.counts}>
      {rows.map(([word, count]) => (
        <li key={word}>
          <span>{word}</span>
          <span>{formatInteger(count, i18n.language)}</span>
        </li>
      ))}
    </ul>
  );
}

function Failed({ failure }: { failure: NonNullable<Report["failure"]> }) {
  const { t } = useTranslation();
  const words = useProblemWords();
  return (
    <Section title={t("imports.failed")}>
      <div className={classes.form}>
        <Note tone="bad" icon={<IconCircleX size={17} aria-hidden />}>
          <p>
            <strong>{words(failure.code)}</strong>
          </p>
          <p>{t("imports.failed_text")}</p>
        </Note>
        <Facts
          facts={[
            { label: t("imports.line"), value: failure.line },
            { label: t("imports.column"), value: failure.column },
            { label: t("imports.code"), value: <code className="mono">{failure.code}</code> },
          ]}
        />
      </div>
    </Section>
  );
}

function sorted(counts: Record<string, number> | undefined): [string, number][] {
  return Object.entries(counts ?? {}).sort(([, one], [, other]) => other - one);
}

/** The server keeps the first ones (10,000 of a kind), which bounds this loop. */
async function allProblems(importId: string): Promise<ImportProblem[]> {
  const found: ImportProblem[] = [];
  let cursor: string | undefined;
  do {
    const { data } = await client.GET("/v1/imports/{import_id}/problems", {
      params: { path: { import_id: importId }, query: { cursor, limit: PAGE_ROWS } },
    });
    found.push(...(data?.items ?? []));
    cursor = data?.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return found;
}
