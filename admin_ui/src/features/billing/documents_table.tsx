import { Button, SegmentedControl } from "@mantine/core";
import { IconFileInvoice } from "@tabler/icons-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { usePages } from "@/api/use_pages";
import { CreditAmount } from "@/ui/credit_amount";
import { type Column, DataTable } from "@/ui/data_table";
import { formatDay } from "@/ui/format";
import { Section } from "@/ui/page_header";
import { EmptyState } from "@/ui/states";
import { StatusPill, type Tone } from "@/ui/status_pill";
import { type DocumentRow, ROWS_PER_PAGE } from "./billing";
import classes from "./billing.module.css";
import { DOCUMENT_KINDS, type DocumentKind } from "./document_kinds";
import { MoneyAmount } from "./money_amount";

const TONES = {
  issued: "idle",
  open: "info",
  overdue: "bad",
  paid: "ok",
  void: "idle",
} as const satisfies Record<DocumentRow["state"], Tone>;

type Props = { kind?: DocumentKind; onKind: (kind: DocumentKind | undefined) => void };

export function DocumentsTable({ kind, onKind }: Props) {
  const { t } = useTranslation("billing");
  const columns = useColumns();
  const page = usePages<DocumentRow>("/v1/documents", { kind }, ({ cursor, signal }) =>
    client.GET("/v1/documents", {
      params: { query: { kind, cursor, limit: ROWS_PER_PAGE } },
      signal,
    }),
  );
  return (
    <Section
      title={t("documents.title")}
      flush
      aside={
        <SegmentedControl
          size="xs"
          aria-label={t("documents.kinds")}
          value={kind ?? "all"}
          onChange={(value) => onKind(DOCUMENT_KINDS.find((one) => one === value))}
          data={[
            { value: "all", label: t("documents.all") },
            ...DOCUMENT_KINDS.map((value) => ({ value, label: t(`documents.kinds_of.${value}`) })),
          ]}
        />
      }
    >
      <DataTable
        {...page}
        label={t("documents.title")}
        columns={columns}
        rowId={(row) => row.id}
        rowLabel={(row) => row.number}
        empty={
          <EmptyState icon={IconFileInvoice} title={t("documents.none")}>
            {t("documents.none_text")}
          </EmptyState>
        }
      />
    </Section>
  );
}

function useColumns(): Column<DocumentRow>[] {
  const { t, i18n } = useTranslation("billing");
  return useMemo(() => {
    const day = (on: string) => formatDay(new Date(`${on}T12:00`), i18n.language);
    return [
      {
        id: "number",
        header: t("documents.number"),
        primary: true,
        cell: (row) => (
          <span className={classes.entry}>
            <span className="tabular">{row.number}</span>
            <small>{t(`documents.kind.${row.kind}`)}</small>
          </span>
        ),
      },
      { id: "date", header: t("documents.date"), cell: (row) => day(row.issued_on) },
      {
        id: "state",
        header: t("documents.state_head"),
        cell: (row) => (
          <span className={classes.entry}>
            <StatusPill tone={TONES[row.state]}>{t(`documents.state.${row.state}`)}</StatusPill>
            {row.due_on !== null && (row.state === "open" || row.state === "overdue") && (
              <small>{t("documents.due", { day: day(row.due_on) })}</small>
            )}
          </span>
        ),
      },
      {
        id: "credits",
        header: t("documents.credits"),
        align: "end",
        cell: (row) => (row.credits === 0 ? "–" : <CreditAmount credits={row.credits} />),
      },
      {
        id: "net",
        header: t("documents.net"),
        align: "end",
        cell: (row) => <MoneyAmount minor={row.net_minor} currency={row.currency} />,
      },
      {
        id: "tax",
        header: t("documents.tax"),
        align: "end",
        cell: (row) => <MoneyAmount minor={row.tax_minor} currency={row.currency} />,
      },
      {
        id: "total",
        header: t("documents.total"),
        align: "end",
        cell: (row) => (
          <span className={classes.amountEntry}>
            <strong>
              <MoneyAmount minor={row.gross_minor} currency={row.currency} />
            </strong>
            {row.credited_minor > 0 && (
              <small>
                {t("documents.credited")}{" "}
                <MoneyAmount minor={row.credited_minor} currency={row.currency} />
              </small>
            )}
          </span>
        ),
      },
      {
        id: "files",
        header: t("documents.files"),
        align: "end",
        cell: (row) => <DocumentFiles id={row.id} number={row.number} />,
      },
    ];
  }, [t, i18n.language]);
}

type FilesProps = { id: string; number: string };

/** The PDF to read, the structured data for the bookkeeping. */
export function DocumentFiles({ id, number }: FilesProps) {
  const { t } = useTranslation("billing");
  return (
    <span className={classes.files}>
      {(["pdf", "xml"] as const).map((format) => (
        <Button
          key={format}
          component="a"
          size="compact-xs"
          variant="default"
          href={`/v1/documents/${id}/document.${format}`}
          download
          aria-label={t("documents.download", { number, format: format.toUpperCase() })}
        >
          {format.toUpperCase()}
        </Button>
      ))}
    </span>
  );
}
