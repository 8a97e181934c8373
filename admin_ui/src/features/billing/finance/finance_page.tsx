import { Switch } from "@mantine/core";
import { IconBuilding } from "@tabler/icons-react";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { usePages } from "@/api/use_pages";
import { CreditAmount } from "@/ui/credit_amount";
import { type Column, DataTable } from "@/ui/data_table";
import { PageHeader, Section } from "@/ui/page_header";
import { RelativeTime } from "@/ui/relative_time";
import { SearchInput } from "@/ui/search_input";
import { EmptyState, PageSkeleton } from "@/ui/states";
import { StatusPill, Tag } from "@/ui/status_pill";
import { TenantStatusPill } from "@/ui/tenant_status_pill";
import { Toolbar } from "@/ui/toolbar";
import { ROWS_PER_PAGE } from "../billing";
import { Entry } from "./cells";
import { DayState } from "./day_state";
import type { Hit, Standing } from "./finance";
import classes from "./finance.module.css";
import type { TenantTab } from "./tabs";
import { ToDoStrip } from "./to_do_strip";

const DeskCharts = lazy(async () => ({ default: (await import("./desk_charts")).DeskCharts }));
const route = getRouteApi("/shell/finance");
// The server finds nothing by a single letter.
const SEARCH_CHARACTERS_MIN = 2;

const TAB_OF_HIT: Record<Hit["kind"], TenantTab | undefined> = {
  tenant: undefined,
  member: undefined,
  top_up: "top_ups",
  purchase: "purchases",
  refund: "purchases",
  transfer: "ledger",
  document: "documents",
};

/** What waits, whether the books agree, what came in, and any tenant by anything known of it. */
export function FinancePage() {
  const { t } = useTranslation("finance");
  const { q = "" } = route.useSearch();
  const setSearch = route.useNavigate();
  const search = useCallback(
    (text: string) =>
      void setSearch({ search: (before) => ({ ...before, q: text || undefined }), replace: true }),
    [setSearch],
  );
  return (
    <>
      <PageHeader title={t("title")} actions={<DayState />} />
      <div className={classes.stack}>
        <SearchInput label={t("search")} value={q} onChange={search} />
        {q.length >= SEARCH_CHARACTERS_MIN ? (
          <Hits words={q} />
        ) : (
          <>
            <ToDoStrip />
            <Suspense fallback={<PageSkeleton />}>
              <DeskCharts />
            </Suspense>
            <Standings />
          </>
        )}
      </div>
    </>
  );
}

function Hits({ words }: { words: string }) {
  const { t } = useTranslation("finance");
  const navigate = useNavigate();
  const page = usePages<Hit>("/v1/finance/search", { words }, ({ cursor, signal }) =>
    client.GET("/v1/finance/search", {
      params: { query: { search: words, cursor, limit: ROWS_PER_PAGE } },
      signal,
    }),
  );
  const columns = useMemo<Column<Hit>[]>(
    () => [
      {
        id: "label",
        header: t("hit.found"),
        primary: true,
        cell: (row) =>
          row.kind === "tenant" ? row.label : <Entry title={row.label}>{row.tenant_name}</Entry>,
      },
      { id: "kind", header: t("hit.kind"), cell: (row) => <Tag>{t(`hit.${row.kind}`)}</Tag> },
      {
        id: "at",
        header: t("hit.since"),
        align: "end",
        cell: (row) => <RelativeTime at={row.at} />,
      },
    ],
    [t],
  );
  return (
    <Section flush label={t("hit.found")}>
      <DataTable
        {...page}
        label={t("hit.found")}
        columns={columns}
        rowId={(row) => `${row.kind} ${row.id} ${row.tenant_id}`}
        rowLabel={(row) => row.label}
        keys
        onOpen={(hit) =>
          void navigate({
            to: "/finance/tenants/$tenantId",
            params: { tenantId: hit.tenant_id },
            search: {
              tab: TAB_OF_HIT[hit.kind],
              transfer: hit.kind === "transfer" ? hit.id : undefined,
            },
          })
        }
        empty={
          <EmptyState icon={IconBuilding} title={t("hit.none")}>
            {t("hit.none_text")}
          </EmptyState>
        }
      />
    </Section>
  );
}

function Standings() {
  const { t } = useTranslation("finance");
  const { low } = route.useSearch();
  const setSearch = route.useNavigate();
  const navigate = useNavigate();
  const page = usePages<Standing>("/v1/finance/tenants", { low }, ({ cursor, signal }) =>
    client.GET("/v1/finance/tenants", {
      params: { query: { only_low: low === "yes", cursor, limit: ROWS_PER_PAGE } },
      signal,
    }),
  );
  const columns = useColumns();
  return (
    <Section title={t("standing.title")} flush>
      <Toolbar>
        <Switch
          label={t("standing.only_low")}
          checked={low === "yes"}
          onChange={(event) => {
            const chosen = event.currentTarget.checked ? ("yes" as const) : undefined;
            void setSearch({ search: (before) => ({ ...before, low: chosen }), replace: true });
          }}
        />
      </Toolbar>
      <DataTable
        {...page}
        label={t("standing.title")}
        columns={columns}
        rowId={(row) => row.id}
        rowLabel={(row) => row.name}
        keys
        onOpen={({ id }) =>
          void navigate({ to: "/finance/tenants/$tenantId", params: { tenantId: id } })
        }
        empty={
          <EmptyState icon={IconBuilding} title={t("standing.none")}>
            {t("standing.none_text")}
          </EmptyState>
        }
      />
    </Section>
  );
}

function useColumns(): Column<Standing>[] {
  const { t } = useTranslation("finance");
  return useMemo(
    () => [
      {
        id: "name",
        header: t("tenant"),
        primary: true,
        cell: (row) => row.name,
      },
      {
        id: "status",
        header: t("state"),
        cell: (row) =>
          row.is_low ? (
            <StatusPill tone="warn">{t("standing.low")}</StatusPill>
          ) : (
            <TenantStatusPill status={row.status} />
          ),
      },
      {
        id: "available",
        header: t("account.available"),
        align: "end",
        cell: (row) => (
          <strong>
            <CreditAmount credits={row.available} />
          </strong>
        ),
      },
      {
        id: "held",
        header: t("account.held"),
        align: "end",
        cell: (row) => <CreditAmount credits={row.held} />,
      },
      {
        id: "receivable",
        header: t("account.receivable"),
        align: "end",
        cell: (row) => <CreditAmount credits={row.receivable} />,
      },
      {
        id: "spent",
        header: t("standing.spent"),
        align: "end",
        cell: (row) => <CreditAmount credits={row.spent_30_days} />,
      },
      {
        id: "last",
        header: t("standing.last"),
        align: "end",
        cell: (row) =>
          row.last_top_up_at === null ? "–" : <RelativeTime at={row.last_top_up_at} />,
      },
    ],
    [t],
  );
}
