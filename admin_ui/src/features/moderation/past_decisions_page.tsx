import { Select } from "@mantine/core";
import { IconGavel } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import type { components } from "@/api/schema";
import { usePages } from "@/api/use_pages";
import { type Column, DataTable } from "@/ui/data_table";
import { formatInteger } from "@/ui/format";
import { PageHeader, Section } from "@/ui/page_header";
import { RelativeTime } from "@/ui/relative_time";
import { SearchInput } from "@/ui/search_input";
import { EmptyState } from "@/ui/states";
import { StatusPill } from "@/ui/status_pill";
import { Toolbar } from "@/ui/toolbar";
import { conductQuery, type ReasonCode } from "./queries";
import { reasonName } from "./reason_names";
import { RULED, type RuledFilter, VERDICTS } from "./search";
import { VerdictPill } from "./verdict_pill";

type Ruling = components["schemas"]["PastDecisionView"];

const route = getRouteApi("/shell/moderation/moderation/decisions");
const ROWS_PER_PAGE = 50;
const NONE_YET: readonly ReasonCode[] = [];

/** What the desk decided, of every company, found again by words, verdict or person. */
export function PastDecisionsPage() {
  const { t } = useTranslation("moderation");
  const { q = "", verdict } = route.useSearch();
  const setSearch = route.useNavigate();
  const navigate = useNavigate();
  const columns = useColumns();
  const page = usePages<Ruling>("/v1/past-decisions", { q, verdict }, ({ cursor, signal }) =>
    client.GET("/v1/past-decisions", {
      params: {
        query: {
          search: q || undefined,
          verdict: VERDICTS.find((each) => each === verdict),
          revoked: verdict === "revoked" ? true : undefined,
          cursor,
          limit: ROWS_PER_PAGE,
        },
      },
      signal,
    }),
  );
  const search = useCallback(
    (text: string) => void setSearch({ search: { q: text || undefined, verdict }, replace: true }),
    [setSearch, verdict],
  );
  return (
    <>
      <PageHeader title={t("rulings.title")} />
      <Section flush>
        <Toolbar>
          <SearchInput label={t("rulings.search")} value={q} onChange={search} />
          <Select
            aria-label={t("rulings.filter")}
            value={verdict ?? "all"}
            allowDeselect={false}
            data={[
              { value: "all", label: t("rulings.all") },
              ...RULED.map((value) => ({ value, label: t(`rulings.of.${value}`) })),
            ]}
            onChange={(value) =>
              void setSearch({
                search: {
                  q: q || undefined,
                  verdict: value === "all" ? undefined : (value as RuledFilter),
                },
                replace: true,
              })
            }
          />
        </Toolbar>
        <DataTable
          {...page}
          label={t("rulings.title")}
          columns={columns}
          rowId={(row) => row.id}
          rowLabel={(row) => row.title}
          keys
          onOpen={(row) =>
            void navigate({
              to: "/moderation",
              search: { view: "decided", tenant: row.tenant_id, case: row.case_id },
            })
          }
          empty={
            <EmptyState icon={IconGavel} title={t("rulings.none")}>
              {t("rulings.none_text")}
            </EmptyState>
          }
        />
      </Section>
    </>
  );
}

function useColumns(): Column<Ruling>[] {
  const { t, i18n } = useTranslation("moderation");
  const reasons = useQuery(conductQuery).data?.reasons ?? NONE_YET;
  return useMemo(
    () => [
      { id: "title", header: t("rulings.case"), primary: true, cell: (row) => row.title },
      { id: "tenant", header: t("rulings.company"), cell: (row) => row.tenant_name },
      {
        id: "verdict",
        header: t("rulings.verdict"),
        cell: (row) => (
          <>
            <VerdictPill verdict={row.verdict} />{" "}
            {row.revoked_at !== null && (
              <StatusPill tone="warn">{t("rulings.of.revoked")}</StatusPill>
            )}
          </>
        ),
      },
      {
        id: "reason",
        header: t("rulings.reason"),
        cell: (row) => (row.reason_code === null ? "" : reasonName(row.reason_code, reasons, i18n)),
      },
      {
        id: "recipients",
        header: t("rulings.recipients"),
        align: "end",
        cell: (row) =>
          row.kind === "campaign_session" ? formatInteger(row.recipients, i18n.language) : "",
      },
      { id: "by", header: t("rulings.by"), cell: (row) => row.decided_by_name },
      {
        id: "at",
        header: t("rulings.when"),
        align: "end",
        cell: (row) => <RelativeTime at={row.decided_at} />,
      },
    ],
    [t, i18n, reasons],
  );
}
