import { IconBuilding } from "@tabler/icons-react";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import type { components } from "@/api/schema";
import { usePages } from "@/api/use_pages";
import { type Column, DataTable } from "@/ui/data_table";
import { PageHeader, Section } from "@/ui/page_header";
import { RelativeTime } from "@/ui/relative_time";
import { SearchInput } from "@/ui/search_input";
import { EmptyState } from "@/ui/states";
import { StatusPill } from "@/ui/status_pill";
import { TenantStatusPill } from "@/ui/tenant_status_pill";
import { Toolbar } from "@/ui/toolbar";

type Tenant = components["schemas"]["TenantView"];

const route = getRouteApi("/shell/tenants");
const ROWS_PER_PAGE = 50;

/** For moderators and operators: who a tenant is and what it was trusted with. */
export function TenantsPage() {
  const { t } = useTranslation();
  const { q = "" } = route.useSearch();
  const setSearch = route.useNavigate();
  const navigate = useNavigate();
  const columns = useColumns();
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
  return (
    <>
      <PageHeader title={t("tenants.title")} />
      <Section flush>
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
          onOpen={({ id }) => void navigate({ to: "/tenants/$tenantId", params: { tenantId: id } })}
          empty={
            <EmptyState icon={IconBuilding} title={t("tenants.not_found")}>
              {t("tenants.not_found_text")}
            </EmptyState>
          }
        />
      </Section>
    </>
  );
}

function useColumns(): Column<Tenant>[] {
  const { t } = useTranslation();
  return useMemo(
    () => [
      { id: "name", header: t("tenants.name"), primary: true, cell: (row) => row.name },
      {
        id: "status",
        header: t("tenants.status"),
        cell: (row) => <TenantStatusPill status={row.status} />,
      },
      {
        id: "number",
        header: t("tenants.number"),
        cell: (row) =>
          row.verified_phone === null ? (
            <StatusPill tone="warn">{t("tenants.not_verified")}</StatusPill>
          ) : (
            <span className="mono nowrap">{row.verified_phone}</span>
          ),
      },
      {
        id: "auto",
        header: t("tenants.auto"),
        cell: (row) =>
          row.auto_validation === null ? (
            t("tenants.auto_none")
          ) : (
            <StatusPill tone="ok">{t("tenants.auto_on")}</StatusPill>
          ),
      },
      {
        id: "since",
        header: t("tenants.since"),
        align: "end",
        cell: (row) => <RelativeTime at={row.created_at} />,
      },
    ],
    [t],
  );
}
