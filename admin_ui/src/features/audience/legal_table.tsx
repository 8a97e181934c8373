import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { type Column, DataTable } from "@/ui/data_table";
import { spanWords } from "@/ui/hours";
import { RelativeTime } from "@/ui/relative_time";

export type LegalHours = components["schemas"]["LegalHoursView"];

export const LEGAL_HOURS = "/v1/legal-hours";

export function countryName(code: string, language: string): string {
  return new Intl.DisplayNames(language, { type: "region" }).of(code) ?? code;
}

/** Country by country; whoever may change it opens a row. */
export function LegalTable({ onOpen }: { onOpen?: (row: LegalHours) => void }) {
  const { t, i18n } = useTranslation("targeting");
  const { data, error, refetch } = api.useQuery("get", LEGAL_HOURS);
  const columns = useMemo<Column<LegalHours>[]>(
    () => [
      {
        id: "country",
        header: t("legal.country"),
        primary: true,
        cell: (row) => countryName(row.country, i18n.language),
      },
      {
        id: "hours",
        header: t("hours.quiet"),
        cell: (row) =>
          row.quiet_hours.map((span) => (
            <div key={`${span.days} ${span.starts}`}>{spanWords(span, t, i18n.language)}</div>
          )),
      },
      { id: "note", header: t("legal.note"), cell: (row) => row.note || "–" },
      { id: "source", header: t("legal.source"), cell: (row) => row.source || "–" },
      {
        id: "at",
        header: t("list.changed"),
        align: "end",
        cell: (row) => <RelativeTime at={row.changed_at} />,
      },
    ],
    [t, i18n.language],
  );
  return (
    <DataTable
      label={t("legal.title")}
      columns={columns}
      rows={data}
      rowId={(row) => row.country}
      rowLabel={(row) => countryName(row.country, i18n.language)}
      error={error}
      onRetry={() => void refetch()}
      onOpen={onOpen}
      empty={<p>{t("legal.empty")}</p>}
    />
  );
}
