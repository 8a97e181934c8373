import { Button, SegmentedControl } from "@mantine/core";
import { IconDownload, IconReportMoney } from "@tabler/icons-react";
import { getRouteApi } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { formatInteger } from "@/ui/format";
import { PageHeader, Section } from "@/ui/page_header";
import { EmptyState, ErrorState, PageSkeleton } from "@/ui/states";
import { formatMoney } from "../money";
import { shortDay } from "./days";
import classes from "./finance.module.css";
import { ReportCharts } from "./report_charts";
import { type Report, recordsOf } from "./report_figures";
import table from "./report_table.module.css";
import { periodOf, type ReportName, useReport } from "./reports";
import { TabBar } from "./tab_bar";
import { RANGES, REPORTS } from "./tabs";

const route = getRouteApi("/shell/finance/reports");
const SHOWN_ROWS_MAX = 200;
const HIDDEN = new Set(["tenant_id"]);

/** Figures per day and tenant: as charts here, whole as files. */
export function ReportsPage() {
  const { t } = useTranslation("finance");
  const { report = "sales", days = "30" } = route.useSearch();
  const navigate = route.useNavigate();
  const period = periodOf(report, Number(days));
  const { data, error, refetch } = useReport(report, period);
  return (
    <>
      <PageHeader
        title={t("report.title")}
        actions={
          <>
            <SegmentedControl
              size="xs"
              aria-label={t("report.period")}
              value={days}
              onChange={(chosen) =>
                void navigate({ search: { report, days: chosen }, replace: true })
              }
              data={RANGES.map((value) => ({
                value,
                label: t("report.days", { count: Number(value) }),
              }))}
            />
            <Files report={report} {...period} />
          </>
        }
      />
      <TabBar
        tabs={REPORTS}
        value={report}
        label={(each) => t(`report.${each}`)}
        onChange={(chosen) => void navigate({ search: { report: chosen, days }, replace: true })}
      >
        <div className={classes.stack}>
          {data === undefined && error === null && <PageSkeleton />}
          {data === undefined && error !== null && (
            <ErrorState error={error} onRetry={() => void refetch()} />
          )}
          {data !== undefined && data.name === report && (
            <>
              <ReportCharts report={data} />
              <Figures report={data} />
            </>
          )}
        </div>
      </TabBar>
    </>
  );
}

type FilesProps = { report: ReportName; first: string; last: string };

function Files({ report, first, last }: FilesProps) {
  const { t } = useTranslation("finance");
  const link = (name: ReportName, form: "csv" | "xlsx") =>
    `/v1/finance/report.${form}?report=${name}&first=${first}&last=${last}`;
  const icon = <IconDownload size={15} aria-hidden />;
  return (
    <>
      {(["csv", "xlsx"] as const).map((form) => (
        <Button
          key={form}
          component="a"
          href={link(report, form)}
          download
          variant="default"
          leftSection={icon}
        >
          {form.toUpperCase()}
        </Button>
      ))}
      <Button
        component="a"
        href={link("journal", "xlsx")}
        download
        variant="default"
        leftSection={icon}
      >
        {t("report.journal")}
      </Button>
    </>
  );
}

/** The rows themselves; the first of them, since a year of all tenants belongs into a file. */
function Figures({ report }: { report: Report }) {
  const { t, i18n } = useTranslation("finance");
  const records = recordsOf(report);
  const columns = report.columns.filter((column) => !HIDDEN.has(column));
  if (records.length === 0) {
    return (
      <Section>
        <EmptyState icon={IconReportMoney} title={t("report.none")}>
          {t("report.none_text")}
        </EmptyState>
      </Section>
    );
  }
  const note =
    report.last_closed === null
      ? t("report.no_closed_day")
      : t("report.closed_until", { day: shortDay(report.last_closed, i18n.language) });
  return (
    <Section title={t("report.rows", { count: records.length })} aside={note} flush>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scroll area must be reachable by keyboard */}
      <section className={table.scroller} aria-label={t(`report.${report.name}`)} tabIndex={0}>
        <table className={table.table}>
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column} scope="col" data-number={isNumber(records, column) || undefined}>
                  {t(`column.${column as "day"}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {records.slice(0, SHOWN_ROWS_MAX).map((record, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a report's rows have no id and never move
              <tr key={at}>
                {columns.map((column) => (
                  <td key={column} data-number={isNumber(records, column) || undefined}>
                    {shown(column, record, i18n.language, (source) =>
                      t(`purchases.source_${source as "checkout"}`, { defaultValue: source }),
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {records.length > SHOWN_ROWS_MAX && (
        <p className={classes.plain}>{t("report.first_rows", { count: SHOWN_ROWS_MAX })}</p>
      )}
    </Section>
  );
}

type Row = ReturnType<typeof recordsOf>[number];

function isNumber(records: readonly Row[], column: string): boolean {
  return records.some((record) => typeof record[column] === "number");
}

function shown(
  column: string,
  record: Row,
  language: string,
  sourceName: (source: string) => string,
): string {
  const value = record[column] ?? null;
  if (value === null) return "–";
  if (typeof value === "number") {
    if (column.endsWith("_minor") && typeof record.currency === "string") {
      return formatMoney(value, record.currency, language);
    }
    return formatInteger(value, language);
  }
  if (column === "day") return shortDay(value, language);
  return column === "source" ? sourceName(value) : value;
}
