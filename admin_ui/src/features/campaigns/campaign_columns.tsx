import { Tooltip } from "@mantine/core";
import { IconClock, IconRepeat } from "@tabler/icons-react";
import type { TFunction } from "i18next";
import i18next from "i18next";
import { useTranslation } from "react-i18next";
import type { SessionSummary } from "@/api/shapes";
import { CreditAmount } from "@/ui/credit_amount";
import type { Column } from "@/ui/data_table";
import { formatInteger, formatPlanned, formatRelative } from "@/ui/format";
import { ProgressBar } from "@/ui/progress_bar";
import { RelativeTime } from "@/ui/relative_time";
import { SessionStatePill } from "@/ui/state_pill";
import classes from "./campaigns_page.module.css";
import { partsOfRow } from "./row_parts";

function recipientsOf(row: SessionSummary): number | null {
  return row.planned ?? row.quoted_recipients;
}

/** The newest thing that happened to it, as a person would date it. */
function momentOf(row: SessionSummary): string {
  return row.completed_at ?? row.started_at ?? row.submitted_at ?? row.state_changed_at;
}

export function campaignColumns(t: TFunction<"app">): Column<SessionSummary>[] {
  return [
    {
      id: "name",
      header: t("campaigns.column.name"),
      primary: true,
      cell: (row) => row.campaign_name ?? t("campaigns.unnamed"),
    },
    {
      id: "state",
      header: t("campaigns.column.state"),
      width: 190,
      cell: (row) => <SessionStatePill state={row.state} />,
    },
    {
      id: "progress",
      header: t("campaigns.column.progress"),
      width: 190,
      cell: (row) => <RowProgress row={row} />,
    },
    {
      id: "recipients",
      header: t("campaigns.column.recipients"),
      align: "end",
      cell: (row) => {
        const recipients = recipientsOf(row);
        return recipients === null ? "–" : formatInteger(recipients, i18next.language);
      },
    },
    {
      id: "cost",
      header: t("campaigns.column.cost"),
      align: "end",
      cell: (row) => {
        if (row.started_at !== null) return <CreditAmount credits={row.credits_captured} />;
        if (row.quoted_credits === null) return "–";
        return (
          <span className={classes.about} title={t("campaigns.quoted")}>
            ≈ <CreditAmount credits={row.quoted_credits} />
          </span>
        );
      },
    },
    {
      id: "when",
      header: t("campaigns.column.when"),
      align: "end",
      width: 150,
      cell: (row) => <When row={row} />,
    },
  ];
}

const TO_COME: ReadonlySet<SessionSummary["state"]> = new Set([
  "screening",
  "awaiting_validation",
  "approved",
  "scheduled",
]);

/** What is still to leave is dated by when it leaves. */
function When({ row }: { row: SessionSummary }) {
  const { t, i18n } = useTranslation("schedule");
  if (row.due_at === null || !TO_COME.has(row.state)) return <RelativeTime at={momentOf(row)} />;
  return (
    <span className={classes.due}>
      <IconClock size={14} aria-label={t("due_at")} />
      <Tooltip
        label={formatPlanned(new Date(row.due_at), i18n.language, row.due_zone ?? undefined)}
      >
        <time dateTime={row.due_at}>
          {formatRelative(new Date(row.due_at), new Date(), i18n.language)}
        </time>
      </Tooltip>
      {row.series_id !== null && <IconRepeat size={14} aria-label={t("kind.repeat")} />}
    </span>
  );
}

function RowProgress({ row }: { row: SessionSummary }) {
  if (row.started_at === null || !row.planned) return <span className={classes.about}>–</span>;
  return (
    <span className={classes.progress}>
      <ProgressBar label={row.campaign_name ?? ""} size="sm" legend={false} {...partsOfRow(row)} />
      <span className="tabular">{row.percent} %</span>
    </span>
  );
}
