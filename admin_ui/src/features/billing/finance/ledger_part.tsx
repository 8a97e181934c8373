import { SegmentedControl, Select, TextInput } from "@mantine/core";
import { IconReceipt } from "@tabler/icons-react";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { usePages } from "@/api/use_pages";
import { type Column, DataTable } from "@/ui/data_table";
import { Section } from "@/ui/page_header";
import { EmptyState } from "@/ui/states";
import { Toolbar, ToolbarSpan } from "@/ui/toolbar";
import { ROWS_PER_PAGE, SHOWN_ACCOUNTS, type StatementLine, type Tenant } from "../billing";
import { useLedgerColumns } from "../ledger_table";
import { Actor } from "./cells";
import { startOf } from "./days";
import { WAITING_POLL_MS } from "./finance";
import { KINDS } from "./tabs";
import { TraceDrawer } from "./trace_drawer";

const route = getRouteApi("/shell/finance/tenants/$tenantId");

/** Every transfer as an account saw it, and from each of them down to what it was for. */
export function LedgerPart({ tenant }: { tenant: Tenant }) {
  const { t } = useTranslation("finance");
  const { t: app } = useTranslation();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { account = "available", kind, from, to, transfer } = search;
  const change = (given: Partial<typeof search>) =>
    void navigate({ search: (before) => ({ ...before, ...given }), replace: true });
  const page = usePages<StatementLine>(
    `/v1/tenants/${tenant.id}/ledger`,
    { account, kind, from, to },
    ({ cursor, signal }) =>
      client.GET("/v1/tenants/{tenant_id}/ledger", {
        params: {
          path: { tenant_id: tenant.id },
          query: {
            account,
            kind,
            from: startOf(from),
            to: startOf(to, 1),
            cursor,
            limit: ROWS_PER_PAGE,
          },
        },
        signal,
      }),
    { refetchInterval: WAITING_POLL_MS },
  );
  const columns = useLedgerColumns(false, useActorColumn());
  return (
    <Section flush label={app("billing.ledger")}>
      <Toolbar>
        <SegmentedControl
          size="xs"
          aria-label={app("billing.account")}
          value={account}
          onChange={(chosen) => change({ account: chosen })}
          data={SHOWN_ACCOUNTS.map((value) => ({ value, label: app(`billing.${value}`) }))}
        />
        <Select
          size="xs"
          aria-label={t("ledger.kind")}
          placeholder={t("ledger.every_kind")}
          clearable
          clearButtonProps={{ "aria-label": t("clear") }}
          value={kind ?? null}
          onChange={(chosen) => change({ kind: KINDS.find((each) => each === chosen) })}
          data={KINDS.map((value) => ({ value, label: app(`transfer.${value}`) }))}
        />
        <ToolbarSpan
          from={
            <TextInput
              size="xs"
              type="date"
              aria-label={t("ledger.from")}
              value={from ?? ""}
              onChange={(event) => change({ from: event.currentTarget.value || undefined })}
            />
          }
          to={
            <TextInput
              size="xs"
              type="date"
              aria-label={t("ledger.to")}
              value={to ?? ""}
              onChange={(event) => change({ to: event.currentTarget.value || undefined })}
            />
          }
        />
      </Toolbar>
      <DataTable
        {...page}
        label={app("billing.ledger")}
        columns={columns}
        rowId={(row) => `${row.number} ${row.transfer_id}`}
        rowLabel={(row) => row.reference}
        keys
        onOpen={(row) => change({ transfer: row.transfer_id })}
        empty={
          <EmptyState icon={IconReceipt} title={app("billing.no_lines")}>
            {app("billing.no_lines_text")}
          </EmptyState>
        }
      />
      {transfer !== undefined && (
        <TraceDrawer
          tenantId={tenant.id}
          transferId={transfer}
          onClose={() => change({ transfer: undefined })}
        />
      )}
    </Section>
  );
}

function useActorColumn(): Column<StatementLine> {
  const { t } = useTranslation("finance");
  return useMemo(
    () => ({ id: "actor", header: t("by"), cell: (row) => <Actor actor={row.actor} /> }),
    [t],
  );
}
