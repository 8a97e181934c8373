import { Button } from "@mantine/core";
import { IconCreditCard } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { usePages } from "@/api/use_pages";
import { CreditAmount } from "@/ui/credit_amount";
import { type Column, DataTable } from "@/ui/data_table";
import { Section } from "@/ui/page_header";
import { RelativeTime } from "@/ui/relative_time";
import { EmptyState } from "@/ui/states";
import { ROWS_PER_PAGE, type Tenant } from "../billing";
import { Entry, MoneyAmount } from "./cells";
import type { Purchase } from "./finance";
import classes from "./finance.module.css";
import { DisputePill, PurchasePill } from "./pills";
import { PurchasePanel } from "./purchase_panel";
import { RefundDialog } from "./refund_dialog";
import { RefundList } from "./refund_list";
import { leftOf, refundablesOf } from "./refundable";

/** What a tenant bought by itself, and what went back. */
export function PurchasesPart({ tenant }: { tenant: Tenant }) {
  const { t } = useTranslation("finance");
  const [opened, setOpened] = useState<Purchase | null>(null);
  const [refunded, setRefunded] = useState<Purchase | null>(null);
  const page = usePages<Purchase>(`/v1/tenants/${tenant.id}/purchases`, {}, ({ cursor, signal }) =>
    client.GET("/v1/tenants/{tenant_id}/purchases", {
      params: { path: { tenant_id: tenant.id }, query: { cursor, limit: ROWS_PER_PAGE } },
      signal,
    }),
  );
  const columns = useColumns(setRefunded);
  return (
    <div className={classes.stack}>
      <Section title={t("purchases.title")} flush>
        <DataTable
          {...page}
          label={t("purchases.title")}
          columns={columns}
          rowId={(row) => row.id}
          rowLabel={(row) => row.id}
          keys
          onOpen={setOpened}
          empty={
            <EmptyState icon={IconCreditCard} title={t("purchases.none")}>
              {t("purchases.none_text")}
            </EmptyState>
          }
        />
      </Section>
      <RefundList tenantId={tenant.id} />
      {opened !== null && (
        <PurchasePanel
          tenantId={tenant.id}
          purchaseId={opened.id}
          onClose={() => setOpened(null)}
        />
      )}
      {refunded !== null && (
        <RefundDialog
          tenant={tenant}
          source={`purchase:${refunded.id}`}
          onClose={() => setRefunded(null)}
        />
      )}
    </div>
  );
}

function useColumns(onRefund: (purchase: Purchase) => void): Column<Purchase>[] {
  const { t } = useTranslation("finance");
  return useMemo(
    () => [
      {
        id: "what",
        header: t("purchases.what"),
        primary: true,
        cell: (row) => (
          <Entry title={<CreditAmount credits={row.credits} unit />}>
            {t(`purchases.source_${row.source}`)}
          </Entry>
        ),
      },
      {
        id: "state",
        header: t("state"),
        cell: (row) =>
          row.dispute_state === null ? (
            <PurchasePill state={row.state} />
          ) : (
            <DisputePill state={row.dispute_state} />
          ),
      },
      {
        id: "at",
        header: t("ledger.when"),
        cell: (row) => <RelativeTime at={row.paid_at ?? row.created_at} />,
      },
      {
        id: "tax",
        header: t("purchases.tax"),
        align: "end",
        cell: (row) => <MoneyAmount minor={row.tax_minor} currency={row.currency} />,
      },
      {
        id: "gross",
        header: t("purchases.gross"),
        align: "end",
        cell: (row) => <MoneyAmount minor={row.gross_minor} currency={row.currency} />,
      },
      {
        id: "refunded",
        header: t("purchases.refunded"),
        align: "end",
        cell: (row) =>
          row.refunded_minor > 0 && (
            <MoneyAmount minor={-row.refunded_minor} currency={row.currency} />
          ),
      },
      {
        id: "acts",
        header: "",
        align: "end",
        cell: (row) =>
          refundablesOf([row], []).some((one) => leftOf(one) > 0) && (
            <Button
              size="compact-sm"
              variant="default"
              onClick={(event) => {
                event.stopPropagation();
                onRefund(row);
              }}
            >
              {t("refund.verb")}
            </Button>
          ),
      },
    ],
    [t, onRefund],
  );
}
