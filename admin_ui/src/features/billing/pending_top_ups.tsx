import { Button } from "@mantine/core";
import { IconChecks } from "@tabler/icons-react";
import { useQueries } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, client } from "@/api/client";
import { useSession } from "@/api/session";
import { usePages } from "@/api/use_pages";
import { CreditAmount } from "@/ui/credit_amount";
import { type Column, DataTable } from "@/ui/data_table";
import { Section } from "@/ui/page_header";
import { RelativeTime } from "@/ui/relative_time";
import { EmptyState } from "@/ui/states";
import { StatusPill } from "@/ui/status_pill";
import { ApproveDialog } from "./approve_dialog";
import { ROWS_PER_PAGE, type TopUp } from "./billing";
import classes from "./billing.module.css";

const PENDING = "/v1/top-ups/pending";
const POLL_INTERVAL_MS = 15_000;

/** Above the limit of one clerk nothing is credited until another person says so. */
export function PendingTopUps({ tenantId }: { tenantId?: string }) {
  const { t } = useTranslation();
  const [asked, setAsked] = useState<TopUp | null>(null);
  const page = usePages<TopUp>(
    PENDING,
    {},
    ({ cursor, signal }) =>
      client.GET("/v1/top-ups/pending", {
        params: { query: { cursor, limit: ROWS_PER_PAGE } },
        signal,
      }),
    { refetchInterval: POLL_INTERVAL_MS },
  );
  const rows = page.rows?.filter((row) => tenantId === undefined || row.tenant_id === tenantId);
  const names = useTenantNames(tenantId === undefined ? (rows ?? []) : []);
  const columns = useColumns(names, tenantId === undefined, setAsked);
  // On a tenant's own page an empty list would only be in the way.
  if (tenantId !== undefined && (rows === undefined || rows.length === 0)) return null;
  return (
    <Section title={t("finance.pending")} aside={t("finance.pending_hint")} flush>
      <DataTable
        {...page}
        rows={rows}
        label={t("finance.pending")}
        columns={columns}
        rowId={(row) => row.id}
        rowLabel={(row) => row.reference}
        empty={
          <EmptyState icon={IconChecks} title={t("finance.none_pending")}>
            {t("finance.none_pending_text")}
          </EmptyState>
        }
      />
      {asked !== null && (
        <ApproveDialog
          topUp={asked}
          name={names.get(asked.tenant_id)}
          onClose={() => setAsked(null)}
        />
      )}
    </Section>
  );
}

function useTenantNames(rows: readonly TopUp[]): ReadonlyMap<string, string> {
  const ids = [...new Set(rows.map((row) => row.tenant_id))];
  return useQueries({
    queries: ids.map((tenant_id) =>
      api.queryOptions("get", "/v1/tenants/{tenant_id}", { params: { path: { tenant_id } } }),
    ),
    combine: namesOf,
  });
}

function namesOf(results: { data?: { id: string; name: string } }[]): ReadonlyMap<string, string> {
  return new Map(results.flatMap(({ data }) => (data ? [[data.id, data.name] as const] : [])));
}

function useColumns(
  names: ReadonlyMap<string, string>,
  withTenant: boolean,
  onApprove: (topUp: TopUp) => void,
): Column<TopUp>[] {
  const { t } = useTranslation();
  const me = useSession()?.account.id;
  return useMemo(
    () => [
      {
        id: "reference",
        header: withTenant ? t("tenants.name") : t("finance.reference"),
        primary: true,
        cell: (row) => (
          <span className={classes.entry}>
            {withTenant ? (
              <Link to="/finance/tenants/$tenantId" params={{ tenantId: row.tenant_id }}>
                {names.get(row.tenant_id) ?? "…"}
              </Link>
            ) : (
              row.reference
            )}
            <small>{withTenant ? `${row.reference} · ${row.reason}` : row.reason}</small>
          </span>
        ),
      },
      {
        id: "method",
        header: t("finance.method"),
        cell: (row) => t(`finance.method_${row.method}`),
      },
      {
        id: "amount",
        header: t("finance.amount"),
        align: "end",
        cell: (row) => <CreditAmount credits={row.amount_credits} />,
      },
      {
        id: "at",
        header: t("finance.entered"),
        cell: (row) => <RelativeTime at={row.created_at} />,
      },
      {
        id: "approve",
        header: t("finance.second_person"),
        align: "end",
        cell: (row) =>
          me !== undefined && row.created_by.endsWith(me) ? (
            <StatusPill tone="warn" icon="waiting">
              {t("finance.your_own")}
            </StatusPill>
          ) : (
            <Button size="compact-sm" variant="default" onClick={() => onApprove(row)}>
              {t("finance.approve")}
            </Button>
          ),
      },
    ],
    [t, names, withTenant, onApprove, me],
  );
}
