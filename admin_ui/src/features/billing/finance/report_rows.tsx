import { IconReportMoney } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Column, DataTable } from "@/ui/data_table";
import { formatInteger } from "@/ui/format";
import { Section } from "@/ui/page_header";
import { EmptyState } from "@/ui/states";
import { formatMoney } from "../money";
import { shortDay } from "./days";
import classes from "./finance.module.css";
import { type Report, recordsOf } from "./report_figures";

type Row = ReturnType<typeof recordsOf>[number] & { row: number };

const HIDDEN = new Set(["tenant_id"]);
const ROWS_AT_FIRST = 30;
const SHOWN_ROWS_MAX = 200;

/** The rows themselves; the first of them, since a year of all tenants belongs into a file. */
export function ReportRows({ report }: { report: Report }) {
  const { t, i18n } = useTranslation("finance");
  const [isWhole, setWhole] = useState(false);
  const rows = useMemo(
    () => recordsOf(report).map((record, row): Row => ({ ...record, row })),
    [report],
  );
  const columns = useMemo<Column<Row>[]>(
    () =>
      report.columns
        .filter((column) => !HIDDEN.has(column))
        .map((column, at) => ({
          id: column,
          header: t(`column.${column as "day"}`),
          primary: at === 0,
          align: isNumber(rows, column) ? "end" : "start",
          cell: (row) =>
            shown(column, row, i18n.language, (source) =>
              t(`purchases.source_${source as "checkout"}`, { defaultValue: source }),
            ),
        })),
    [report, rows, t, i18n],
  );
  const note =
    report.last_closed === null
      ? t("report.no_closed_day")
      : t("report.closed_until", { day: shortDay(report.last_closed, i18n.language) });
  const drawn = rows.slice(0, isWhole ? SHOWN_ROWS_MAX : ROWS_AT_FIRST);
  const heading =
    rows.length > 0 ? { title: t("report.rows", { count: rows.length }), aside: note } : {};
  return (
    <Section {...heading} flush>
      <DataTable
        label={t(`report.${report.name}`)}
        columns={columns}
        rows={drawn}
        rowId={(row) => String(row.row)}
        rowLabel={(row) => String(row.row)}
        onLoadMore={drawn.length < rows.length && !isWhole ? () => setWhole(true) : undefined}
        empty={
          <EmptyState icon={IconReportMoney} title={t("report.none")}>
            {t("report.none_text")}
          </EmptyState>
        }
      />
      {isWhole && rows.length > SHOWN_ROWS_MAX && (
        <p className={classes.plain}>{t("report.first_rows", { count: SHOWN_ROWS_MAX })}</p>
      )}
    </Section>
  );
}

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
