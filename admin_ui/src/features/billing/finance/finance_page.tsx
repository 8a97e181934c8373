import { IconBuilding } from "@tabler/icons-react";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { usePages } from "@/api/use_pages";
import { type Column, DataTable } from "@/ui/data_table";
import { PageHeader, Section } from "@/ui/page_header";
import { RelativeTime } from "@/ui/relative_time";
import { SearchInput } from "@/ui/search_input";
import { EmptyState } from "@/ui/states";
import { TenantStatusPill } from "@/ui/tenant_status_pill";
import { Toolbar } from "@/ui/toolbar";
import { ROWS_PER_PAGE, type Tenant } from "./billing";
import classes from "./billing.module.css";
import { PendingTopUps } from "./pending_top_ups";

const route = getRouteApi("/shell/finance");

/** What waits for a second person, then any tenant by name. */
export function FinancePage() {
  const { t } = useTranslation();
  const { q = "" } = route.useSearch();
  const setSearch = route.useNavigate();
  const navigate = useNavigate();
  const page = usePages<Tenant>("/v1/tenants", { q }, ({ cursor, signal }) =>
    client.GET("/v1/tenants", {
      params: { query: { search: q || undefined, cursor, limit: ROWS_PER_PAGE } },
      signal,
    }),
  );
  const search = useCallback(
    (text: string) => void setSearch({ search: { q: text || undefined }, replace: true }),
    [setSearch],
  );
  const columns = useMemo<Column<Tenant>[]>(
    () => [
      { id: "name", header: t("tenants.name"), primary: true, cell: (row) => row.name },
      {
        id: "status",
        header: t("tenants.status"),
        cell: (row) => <TenantStatusPill status={row.status} />,
      },
      { id: "country", header: t("tenants.country"), cell: (row) => row.default_country ?? "–" },
      {
        id: "since",
        header: t("tenants.since"),
        align: "end",
        cell: (row) => <RelativeTime at={row.created_at} />,
      },
    ],
    [t],
  );
  return (
    <>
      <PageHeader title={t("finance.title")} />
      <div className={classes.panes}>
        <PendingTopUps />
        <Section title={t("tenants.title")} flush>
          <Toolbar>
            <SearchInput label={t("tenants.search")} value={q} onChange={search} />
          </Toolbar>
          <DataTable
            {...page}
            label={t("tenants.title")}
            columns={columns}
            rowId={(row) => row.id}
            rowLabel={(row) => row.name}
            keys
            onOpen={({ id }) =>
              void navigate({ to: "/finance/tenants/$tenantId", params: { tenantId: id } })
            }
            empty={
              <EmptyState icon={IconBuilding} title={t("tenants.not_found")}>
                {t("tenants.not_found_text")}
              </EmptyState>
            }
          />
        </Section>
      </div>
    </>
  );
}
