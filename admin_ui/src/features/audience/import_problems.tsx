import { IconCircleCheck } from "@tabler/icons-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { usePages } from "@/api/use_pages";
import { type Column, DataTable } from "@/ui/data_table";
import { formatInteger } from "@/ui/format";
import { Section } from "@/ui/page_header";
import { EmptyState } from "@/ui/states";
import { StatusPill } from "@/ui/status_pill";
import { IMPORTS, ROWS_PER_PAGE } from "./audience";
import type { ImportProblem } from "./import_problem_file";
import { useProblemWords } from "./problem_words";

/** By line, as a spreadsheet numbers them: 1 is the header. */
export function ImportProblems({ importId }: { importId: string }) {
  const { t, i18n } = useTranslation();
  const words = useProblemWords();
  const page = usePages<ImportProblem>(`${IMPORTS}/problems`, { importId }, ({ cursor, signal }) =>
    client.GET("/v1/imports/{import_id}/problems", {
      params: { path: { import_id: importId }, query: { cursor, limit: ROWS_PER_PAGE } },
      signal,
    }),
  );
  const columns = useMemo<Column<ImportProblem>[]>(
    () => [
      {
        id: "line",
        header: t("imports.line"),
        width: 90,
        cell: (row) => formatInteger(row.line, i18n.language),
      },
      { id: "what", header: t("imports.what"), primary: true, cell: (row) => words(row.code) },
      { id: "column", header: t("imports.column"), cell: (row) => row.column || "–" },
      {
        id: "value",
        header: t("imports.value"),
        cell: (row) =>
          row.value === "" ? row.message || "–" : <code className="mono">{row.value}</code>,
      },
      {
        id: "severity",
        header: t("imports.effect"),
        cell: (row) => <Effect of={row} />,
      },
    ],
    [t, i18n.language, words],
  );
  return (
    <Section title={t("imports.by_line")} flush>
      <DataTable
        {...page}
        label={t("imports.by_line")}
        columns={columns}
        rows={page.rows}
        rowId={(row) => `${row.line} ${row.column} ${row.code}`}
        rowLabel={(row) => String(row.line)}
        height={420}
        empty={<EmptyState icon={IconCircleCheck} title={t("imports.no_problems")} />}
      />
    </Section>
  );
}

function Effect({ of }: { of: ImportProblem }) {
  const { t } = useTranslation();
  if (of.severity === "error") return <StatusPill tone="bad">{t("imports.left_out")}</StatusPill>;
  // A notice like the others, but this line gave way to another one of the same number.
  if (of.code === "phone_duplicate")
    return <StatusPill tone="idle">{t("imports.other_line")}</StatusPill>;
  return <StatusPill tone="info">{t("imports.noticed")}</StatusPill>;
}
