import { Button } from "@mantine/core";
import { IconShoppingCart } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { api, client } from "@/api/client";
import { usePages } from "@/api/use_pages";
import { CreditAmount } from "@/ui/credit_amount";
import { type Column, DataTable } from "@/ui/data_table";
import { Section } from "@/ui/page_header";
import { RelativeTime } from "@/ui/relative_time";
import { EmptyState } from "@/ui/states";
import { StatusPill, type Tone } from "@/ui/status_pill";
import { type DocumentRow, type Purchase, type PurchaseState, ROWS_PER_PAGE } from "./billing";
import classes from "./billing.module.css";
import { MoneyAmount } from "./money_amount";
import { declineOf } from "./purchase_words";

const TONES = {
  pending: "info",
  awaiting_customer: "warn",
  processing: "info",
  paid: "ok",
  failed: "bad",
  expired: "idle",
} as const satisfies Record<PurchaseState, Tone>;
const PAPERS_READ_MAX = 100;

export function PurchasesTable() {
  const { t } = useTranslation("billing");
  const page = usePages<Purchase>("/v1/purchases", {}, ({ cursor, signal }) =>
    client.GET("/v1/purchases", { params: { query: { cursor, limit: ROWS_PER_PAGE } }, signal }),
  );
  const papers = api.useQuery("get", "/v1/documents", {
    params: { query: { limit: PAPERS_READ_MAX } },
  });
  const columns = useColumns(papers.data?.items);
  return (
    <Section title={t("purchases.title")} flush>
      <DataTable
        {...page}
        label={t("purchases.title")}
        columns={columns}
        rowId={(row) => row.id}
        rowLabel={(row) => row.created_at}
        empty={
          <EmptyState
            icon={IconShoppingCart}
            title={t("purchases.none")}
            action={
              <Button
                variant="default"
                renderRoot={(props) => <Link to="/credits/buy" {...props} />}
              >
                {t("buy.action")}
              </Button>
            }
          >
            {t("purchases.none_text")}
          </EmptyState>
        }
      />
    </Section>
  );
}

function useColumns(papers: readonly DocumentRow[] | undefined): Column<Purchase>[] {
  const { t } = useTranslation("billing");
  return useMemo(
    () => [
      {
        id: "credits",
        header: t("purchases.credits"),
        primary: true,
        cell: (row) => (
          <span className={classes.entry}>
            <CreditAmount credits={row.credits} unit />
            <small>{t(`purchases.source.${row.source}`)}</small>
          </span>
        ),
      },
      {
        id: "when",
        header: t("purchases.when"),
        cell: (row) => <RelativeTime at={row.paid_at ?? row.created_at} />,
      },
      { id: "state", header: t("purchases.state_head"), cell: (row) => <State purchase={row} /> },
      {
        id: "total",
        header: t("purchases.total"),
        align: "end",
        cell: (row) => (
          <span className={classes.amountEntry}>
            <strong>
              <MoneyAmount minor={row.gross_minor} currency={row.currency} />
            </strong>
            {row.refunded_minor > 0 && (
              <small>
                {t("purchases.refunded")}{" "}
                <MoneyAmount minor={row.refunded_minor} currency={row.currency} />
              </small>
            )}
          </span>
        ),
      },
      {
        id: "paper",
        header: t("purchases.paper"),
        align: "end",
        cell: (row) => <Paper purchase={row} papers={papers} />,
      },
    ],
    [t, papers],
  );
}

function State({ purchase }: { purchase: Purchase }) {
  const { t } = useTranslation("billing");
  const why = `decline.${declineOf(purchase.failure_code)}` as "decline.declined";
  return (
    <span className={classes.entry}>
      <StatusPill tone={TONES[purchase.state]}>{t(`purchases.state.${purchase.state}`)}</StatusPill>
      {purchase.state === "failed" && <small>{t(why)}</small>}
      {purchase.dispute_state !== null && (
        <small>{t(`purchases.dispute.${purchase.dispute_state}`)}</small>
      )}
    </span>
  );
}

type PaperProps = { purchase: Purchase; papers: readonly DocumentRow[] | undefined };

/** The receipt of what was paid, or the way on to pay it. */
function Paper({ purchase, papers }: PaperProps) {
  const { t } = useTranslation("billing");
  const paper = papers?.find(
    ({ source, kind }) => source === `purchase:${purchase.id}` && kind !== "credit_note",
  );
  if (paper !== undefined) {
    return (
      <a
        href={`/v1/documents/${paper.id}/document.pdf`}
        download
        aria-label={t("documents.download", { number: paper.number, format: "PDF" })}
      >
        {paper.number}
      </a>
    );
  }
  if (purchase.checkout_url !== null && purchase.state === "pending") {
    return <a href={purchase.checkout_url}>{t("return.go_on")}</a>;
  }
  return "–";
}
