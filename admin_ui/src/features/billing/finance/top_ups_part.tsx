import { Button } from "@mantine/core";
import { IconReceipt } from "@tabler/icons-react";
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
import { EmptyState, ErrorState } from "@/ui/states";
import { ROWS_PER_PAGE, type Tenant, type TopUp } from "../billing";
import { Actor, Entry } from "./cells";
import { DocumentFiles } from "./document_files";
import { WAITING_POLL_MS } from "./finance";
import classes from "./finance.module.css";
import { TopUpPill } from "./pills";
import { ProofLink } from "./proof_link";
import { Waiting } from "./top_up_dialog";

/** What people of finance brought in, with its paper. */
export function TopUpsPart({ tenant }: { tenant: Tenant }) {
  const { t } = useTranslation("finance");
  const page = usePages<TopUp>(
    `/v1/tenants/${tenant.id}/top-ups`,
    {},
    ({ cursor, signal }) =>
      client.GET("/v1/tenants/{tenant_id}/top-ups", {
        params: { path: { tenant_id: tenant.id }, query: { cursor, limit: ROWS_PER_PAGE } },
        signal,
      }),
    { refetchInterval: WAITING_POLL_MS },
  );
  const columns = useMemo<Column<TopUp>[]>(
    () => [
      {
        id: "reference",
        header: t("reference"),
        primary: true,
        cell: (row) => (
          <Entry title={row.reference}>
            {row.decided_reason === null ? row.reason : `${row.reason} · ${row.decided_reason}`}
          </Entry>
        ),
      },
      {
        id: "state",
        header: t("state"),
        cell: (row) => <TopUpPill state={row.state} />,
      },
      {
        id: "entered",
        header: t("entered"),
        cell: (row) => (
          <>
            <RelativeTime at={row.created_at} /> · <Actor actor={row.created_by} />
          </>
        ),
      },
      {
        id: "approved",
        header: t("second_person"),
        cell: (row) => (row.approved_by === null ? "–" : <Actor actor={row.approved_by} />),
      },
      { id: "proof", header: t("proof"), cell: (row) => <ProofLink {...row} /> },
      {
        id: "amount",
        header: t("amount"),
        align: "end",
        cell: (row) => <CreditAmount credits={row.amount_credits} />,
      },
      {
        id: "acts",
        header: "",
        align: "end",
        cell: (row) => row.state === "credited" && <Acts topUp={row} />,
      },
    ],
    [t],
  );
  return (
    <Section title={t("tab.top_ups")} flush>
      <DataTable
        {...page}
        label={t("tab.top_ups")}
        columns={columns}
        rowId={(row) => row.id}
        rowLabel={(row) => row.reference}
        empty={
          <EmptyState icon={IconReceipt} title={t("top_ups.none")}>
            {t("top_ups.none_text")}
          </EmptyState>
        }
      />
    </Section>
  );
}

function Acts({ topUp }: { topUp: TopUp }) {
  const { t } = useTranslation("finance");
  const [asked, setAsked] = useState<"reverse" | "document" | null>(null);
  return (
    <span className={classes.verbs}>
      <Button size="compact-sm" variant="default" onClick={() => setAsked("document")}>
        {t("top_ups.document")}
      </Button>
      <Button
        size="compact-sm"
        variant="default"
        data-tone="bad"
        aria-label={`${t("top_ups.reverse")}: ${topUp.reference}`}
        onClick={() => setAsked("reverse")}
      >
        {t("top_ups.reverse")}
      </Button>
      {asked === "reverse" && <Reversal topUp={topUp} onClose={() => setAsked(null)} />}
      {asked === "document" && <TopUpDocument topUp={topUp} onClose={() => setAsked(null)} />}
    </span>
  );
}

type DialogProps = { topUp: TopUp; onClose: () => void };

/** A mistake is not deleted: all of it goes back by a line of its own, while none of it is spent. */
function Reversal({ topUp, onClose }: DialogProps) {
  const { t } = useTranslation("finance");
  const refresh = useRefresh();
  const reversing = useIntent(
    async (reason: string, headers) =>
      present(
        await client.POST("/v1/top-ups/{top_up_id}/reverse", {
          params: { path: { top_up_id: topUp.id } },
          body: { reason },
          headers,
        }),
      ),
    {
      onSuccess: async (correction) => {
        await refresh("/v1/tenants", "/v1/corrections", "/v1/finance");
        if (correction.state === "done") onClose();
      },
    },
  );
  if (reversing.data?.state === "pending") {
    return (
      <Dialog onClose={onClose} title={t("top_ups.reverse_of", { reference: topUp.reference })}>
        <Waiting amount={reversing.data.amount_credits} onClose={onClose} />
      </Dialog>
    );
  }
  return (
    <ReasonDialog
      title={t("top_ups.reverse_of", { reference: topUp.reference })}
      text={t("top_ups.reverse_text")}
      label={t("reason")}
      example={t("top_ups.reverse_example")}
      confirm={t("top_ups.reverse")}
      danger
      pending={reversing.isPending}
      error={reversing.error}
      onClose={onClose}
      onConfirm={(reason) => reversing.mutate(reason)}
    />
  );
}

/** Made once; asked again it is the same one. */
function TopUpDocument({ topUp, onClose }: DialogProps) {
  const { t } = useTranslation("finance");
  const refresh = useRefresh();
  const making = useIntent(
    async (top_up_id: string, headers) =>
      present(
        await client.POST("/v1/top-ups/{top_up_id}/document", {
          params: { path: { top_up_id } },
          headers,
        }),
      ),
    { onSuccess: () => refresh("/v1/documents") },
  );
  return (
    <Dialog onClose={onClose} title={t("top_ups.document_of", { reference: topUp.reference })}>
      <div className={classes.form}>
        <p>
          {making.data === undefined
            ? t("top_ups.document_text")
            : t("invoice.issued", { number: making.data.number })}
        </p>
        {making.data !== undefined && (
          <DocumentFiles id={making.data.id} number={making.data.number} />
        )}
        {making.isError && <ErrorState error={making.error} compact />}
        <div className={classes.actions}>
          <Button variant="default" onClick={onClose}>
            {t("close")}
          </Button>
          {making.data === undefined && (
            <Button loading={making.isPending} onClick={() => making.mutate(topUp.id)}>
              {t("top_ups.document_make")}
            </Button>
          )}
        </div>
      </div>
    </Dialog>
  );
}
