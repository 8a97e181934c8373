import { Button, TextInput } from "@mantine/core";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { present } from "@/api/present";
import { useIntent } from "@/api/use_intent";
import { usePages, useRefresh } from "@/api/use_pages";
import { CreditAmount } from "@/ui/credit_amount";
import { type Column, DataTable } from "@/ui/data_table";
import { Dialog } from "@/ui/dialog";
import { Section } from "@/ui/page_header";
import { ReasonDialog } from "@/ui/reason_dialog";
import { RelativeTime } from "@/ui/relative_time";
import { ErrorState } from "@/ui/states";
import { ROWS_PER_PAGE } from "../billing";
import { Entry, MoneyAmount } from "./cells";
import type { Refund } from "./finance";
import classes from "./finance.module.css";
import { RefundPill } from "./pills";

/** What went back. One by transfer waits until somebody says that the bank did it. */
export function RefundList({ tenantId }: { tenantId: string }) {
  const { t } = useTranslation("finance");
  const page = usePages<Refund>(`/v1/tenants/${tenantId}/refunds`, {}, ({ cursor, signal }) =>
    client.GET("/v1/tenants/{tenant_id}/refunds", {
      params: { path: { tenant_id: tenantId }, query: { cursor, limit: ROWS_PER_PAGE } },
      signal,
    }),
  );
  const columns = useMemo<Column<Refund>[]>(
    () => [
      {
        id: "reason",
        header: t("reason"),
        primary: true,
        cell: (row) => (
          <Entry title={row.reason}>
            {t(`refund.method_${row.method}`)}
            {row.reference !== null && ` · ${row.reference}`}
            {row.failure_code !== null && ` · ${row.failure_code}`}
          </Entry>
        ),
      },
      { id: "state", header: t("state"), cell: (row) => <RefundPill state={row.state} /> },
      {
        id: "at",
        header: t("entered"),
        cell: (row) => <RelativeTime at={row.requested_at} />,
      },
      {
        id: "credits",
        header: t("amount"),
        align: "end",
        cell: (row) => <CreditAmount credits={-row.credits} />,
      },
      {
        id: "money",
        header: t("money"),
        align: "end",
        cell: (row) => <MoneyAmount minor={row.amount_minor} currency={row.currency} />,
      },
      {
        id: "acts",
        header: "",
        align: "end",
        cell: (row) =>
          row.state === "approved" && row.method === "bank_transfer" && <Transfer refund={row} />,
      },
    ],
    [t],
  );
  return (
    <Section title={t("refund.title")} flush>
      <DataTable
        {...page}
        label={t("refund.title")}
        columns={columns}
        rowId={(row) => row.id}
        rowLabel={(row) => row.reason}
        empty={<p className={classes.plain}>{t("refund.none")}</p>}
      />
    </Section>
  );
}

/** The clerk who made the bank transfer says so, or that it came back. */
export function Transfer({ refund }: { refund: Refund }) {
  const { t } = useTranslation("finance");
  const [asked, setAsked] = useState<"paid" | "failed" | null>(null);
  const [reference, setReference] = useState("");
  const refresh = useRefresh();
  const params = { path: { refund_id: refund.id } };
  const onSuccess = async () => {
    await refresh("/v1/tenants", "/v1/refunds");
    setAsked(null);
  };
  const paying = useIntent(
    async (given: string, headers) =>
      present(
        await client.POST("/v1/refunds/{refund_id}/paid", {
          params,
          body: { reference: given },
          headers,
        }),
      ),
    { onSuccess },
  );
  const failing = useIntent(
    async (reason: string, headers) =>
      present(
        await client.POST("/v1/refunds/{refund_id}/failed", { params, body: { reason }, headers }),
      ),
    { onSuccess },
  );
  return (
    <span className={classes.verbs}>
      <Button size="compact-sm" onClick={() => setAsked("paid")}>
        {t("refund.paid")}
      </Button>
      <Button size="compact-sm" variant="default" onClick={() => setAsked("failed")}>
        {t("refund.failed")}
      </Button>
      {asked === "paid" && (
        <Dialog title={t("refund.paid_title")} onClose={() => setAsked(null)}>
          <form
            className={classes.form}
            onSubmit={(event) => {
              event.preventDefault();
              if (reference.trim() !== "") paying.mutate(reference.trim());
            }}
          >
            <TextInput
              label={t("refund.bank_reference")}
              maxLength={100}
              value={reference}
              data-autofocus
              required
              onChange={(event) => setReference(event.currentTarget.value)}
            />
            {paying.isError && <ErrorState error={paying.error} compact />}
            <div className={classes.actions}>
              <Button type="submit" loading={paying.isPending} disabled={reference.trim() === ""}>
                {t("refund.paid")}
              </Button>
            </div>
          </form>
        </Dialog>
      )}
      {asked === "failed" && (
        <ReasonDialog
          title={t("refund.failed_title")}
          text={t("refund.failed_text")}
          label={t("reason")}
          confirm={t("refund.failed")}
          danger
          pending={failing.isPending}
          error={failing.error}
          onClose={() => setAsked(null)}
          onConfirm={(reason) => failing.mutate(reason)}
        />
      )}
    </span>
  );
}
