import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { type Column, DataTable } from "@/ui/data_table";
import { formatInteger } from "@/ui/format";
import { Section } from "@/ui/page_header";
import { duration, LANES, type LaneFigures, type LaneName, type ModeratorFigures } from "./numbers";

type Figured = { figures: ModeratorFigures["figures"] };

/** The same figures for a person and for a lane. */
function useFigureColumns<Row extends Figured>(): Column<Row>[] {
  const { t, i18n } = useTranslation("numbers");
  return useMemo(() => {
    const number = (value: number) => formatInteger(value, i18n.language);
    const end = "end" as const;
    return [
      {
        id: "decided",
        header: t("decided"),
        align: end,
        cell: ({ figures }) => number(figures.decided),
      },
      {
        id: "refused",
        header: t("verdict.refused"),
        align: end,
        cell: ({ figures }) => number(figures.refused),
      },
      {
        id: "median",
        header: t("median"),
        align: end,
        cell: ({ figures }) => duration(figures.median_seconds),
      },
      {
        id: "p95",
        header: t("p95"),
        align: end,
        cell: ({ figures }) => duration(figures.p95_seconds),
      },
      { id: "late", header: t("late"), align: end, cell: ({ figures }) => number(figures.late) },
      {
        id: "overturned",
        header: t("overturned"),
        align: end,
        cell: ({ figures }) => number(figures.overturned),
      },
    ];
  }, [t, i18n.language]);
}

export function ModeratorTable({ rows }: { rows: readonly ModeratorFigures[] }) {
  const { t, i18n } = useTranslation("numbers");
  const figures = useFigureColumns<ModeratorFigures>();
  const columns = useMemo<Column<ModeratorFigures>[]>(
    () => [
      { id: "name", header: t("moderator"), primary: true, cell: ({ name }) => name },
      ...figures,
      {
        id: "per_hour",
        header: t("per_hour"),
        align: "end",
        cell: ({ per_hour: rate }) => new Intl.NumberFormat(i18n.language).format(rate),
      },
    ],
    [t, figures, i18n.language],
  );
  if (rows.length === 0) return null;
  return (
    <Section flush title={t("moderators")}>
      <DataTable
        label={t("moderators")}
        columns={columns}
        rows={rows}
        rowId={(row) => row.moderator_id}
        rowLabel={(row) => row.name}
        empty={null}
      />
    </Section>
  );
}

export function LaneTable({ rows }: { rows: readonly LaneFigures[] }) {
  const { t, i18n } = useTranslation("numbers");
  const figures = useFigureColumns<LaneFigures>();
  const columns = useMemo<Column<LaneFigures>[]>(
    () => [
      {
        id: "lane",
        header: t("lane"),
        primary: true,
        cell: ({ lane }) => (isLane(lane) ? t(`lane_name.${lane}`) : lane),
      },
      {
        id: "opened",
        header: t("opened"),
        align: "end",
        cell: ({ opened }) => formatInteger(opened, i18n.language),
      },
      ...figures,
    ],
    [t, figures, i18n.language],
  );
  if (rows.length === 0) return null;
  return (
    <Section flush title={t("lanes")}>
      <DataTable
        label={t("lanes")}
        columns={columns}
        rows={rows}
        rowId={(row) => row.lane}
        rowLabel={(row) => row.lane}
        empty={null}
      />
    </Section>
  );
}

function isLane(name: string): name is LaneName {
  return (LANES as readonly string[]).includes(name);
}
