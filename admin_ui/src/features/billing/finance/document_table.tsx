import { Button, Select } from "@mantine/core";
import { IconFileInvoice } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { present } from "@/api/present";
import { useIntent } from "@/api/use_intent";
import { usePages, useRefresh } from "@/api/use_pages";
import { type Column, DataTable } from "@/ui/data_table";
import { formatDay } from "@/ui/format";
import { Section } from "@/ui/page_header";
import { ReasonDialog } from "@/ui/reason_dialog";
import { EmptyState } from "@/ui/states";
import { Toolbar } from "@/ui/toolbar";
import { ROWS_PER_PAGE } from "../billing";
import { Entry, MoneyAmount, TenantLink } from "./cells";
import { DocumentFiles } from "./document_files";
import type { Document } from "./finance";
import classes from "./finance.module.css";
import { DocumentPill } from "./pills";

const KINDS = ["invoice", "monthly_invoice", "receipt", "credit_note"] as const;
const STATES = ["open", "overdue", "paid", "issued", "void"] as const;

/** Every paper ever issued: none is changed or deleted, a credit note takes it back. */
export function DocumentTable({ tenantId, first }: { tenantId?: string; first?: "overdue" }) {
  const { t } = useTranslation("finance");
  const [kind, setKind] = useState<(typeof KINDS)[number] | undefined>();
  const [state, setState] = useState<(typeof STATES)[number] | undefined>(first);
  const page = usePages<Document>(
    "/v1/documents",
    { tenantId, kind, state },
    ({ cursor, signal }) =>
      client.GET("/v1/documents", {
        params: { query: { tenant_id: tenantId, kind, state, cursor, limit: ROWS_PER_PAGE } },
        signal,
      }),
  );
  const columns = useColumns(tenantId === undefined);
  return (
    <Section flush label={t("documents.title")}>
      <Toolbar>
        <Select
          size="xs"
          aria-label={t("documents.kind")}
          placeholder={t("documents.every_kind")}
          clearable
          clearButtonProps={{ "aria-label": t("clear") }}
          value={kind ?? null}
          onChange={(chosen) => setKind(KINDS.find((each) => each === chosen))}
          data={KINDS.map((value) => ({ value, label: t(`document_kind.${value}`) }))}
        />
        <Select
          size="xs"
          aria-label={t("state")}
          placeholder={t("documents.every_state")}
          clearable
          clearButtonProps={{ "aria-label": t("clear") }}
          value={state ?? null}
          onChange={(chosen) => setState(STATES.find((each) => each === chosen))}
          data={STATES.map((value) => ({ value, label: t(`document_state.${value}`) }))}
        />
      </Toolbar>
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

function useColumns(withBuyer: boolean): Column<Document>[] {
  const { t, i18n } = useTranslation("finance");
  return useMemo(() => {
    const day = (text: string | null) =>
      text === null ? "–" : formatDay(new Date(text), i18n.language);
    return [
      {
        id: "number",
        header: t("documents.number"),
        primary: true,
        cell: (row) => (
          <Entry title={row.number}>
            {t(`document_kind.${row.kind}`)}
            {withBuyer && (
              <>
                {" · "}
                <TenantLink
                  id={row.tenant_id}
                  names={new Map([[row.tenant_id, row.buyer_name]])}
                  tab="documents"
                />
              </>
            )}
          </Entry>
        ),
      },
      { id: "state", header: t("state"), cell: (row) => <DocumentPill state={row.state} /> },
      { id: "issued", header: t("documents.issued"), cell: (row) => day(row.issued_on) },
      { id: "due", header: t("documents.due"), cell: (row) => day(row.due_on) },
      {
        id: "gross",
        header: t("purchases.gross"),
        align: "end",
        cell: (row) => <MoneyAmount minor={row.gross_minor} currency={row.currency} />,
      },
      {
        id: "credited",
        header: t("documents.credited"),
        align: "end",
        cell: (row) =>
          row.credited_minor > 0 && (
            <MoneyAmount minor={-row.credited_minor} currency={row.currency} />
          ),
      },
      {
        id: "files",
        header: "",
        align: "end",
        cell: (row) => (
          <span className={classes.verbs}>
            {row.kind !== "credit_note" && row.credited_minor < row.gross_minor && (
              <CreditNote document={row} />
            )}
            <DocumentFiles id={row.id} number={row.number} />
          </span>
        ),
      },
    ];
  }, [t, i18n.language, withBuyer]);
}

function CreditNote({ document }: { document: Document }) {
  const { t } = useTranslation("finance");
  const [asked, setAsked] = useState(false);
  const refresh = useRefresh();
  const crediting = useIntent(
    async (reason: string, headers) =>
      present(
        await client.POST("/v1/documents/{document_id}/credit-notes", {
          params: { path: { document_id: document.id } },
          body: { reason },
          headers,
        }),
      ),
    {
      onSuccess: async () => {
        await refresh("/v1/documents", "/v1/finance");
        setAsked(false);
      },
    },
  );
  return (
    <>
      <Button
        size="compact-sm"
        variant="default"
        aria-label={`${t("documents.credit")}: ${document.number}`}
        onClick={() => setAsked(true)}
      >
        {t("documents.credit")}
      </Button>
      {asked && (
        <ReasonDialog
          title={t("documents.credit_of", { number: document.number })}
          text={t("documents.credit_text")}
          label={t("reason")}
          confirm={t("documents.credit")}
          danger
          pending={crediting.isPending}
          error={crediting.error}
          onClose={() => setAsked(false)}
          onConfirm={(reason) => crediting.mutate(reason)}
        />
      )}
    </>
  );
}
