import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { api, client } from "@/api/client";
import { usePages } from "@/api/use_pages";
import { CreditAmount } from "@/ui/credit_amount";
import type { Column } from "@/ui/data_table";
import { Facts } from "@/ui/facts";
import { RelativeTime } from "@/ui/relative_time";
import { ROWS_PER_PAGE, type TopUp } from "../billing";
import { Actor, Entry, TenantLink } from "./cells";
import { SecondPerson } from "./decisions";
import { Effect } from "./effect";
import { useTenantNames, WAITING_POLL_MS } from "./finance";
import { ProofLink } from "./proof_link";
import { WaitingList } from "./waiting_list";

const PENDING = "/v1/top-ups/pending";

export function usePendingTopUps() {
  return usePages<TopUp>(
    PENDING,
    {},
    ({ cursor, signal }) =>
      client.GET(PENDING, { params: { query: { cursor, limit: ROWS_PER_PAGE } }, signal }),
    { refetchInterval: WAITING_POLL_MS },
  );
}

/** Above the limit of one clerk nothing is credited until another person says so. */
export function PendingTopUps({ tenantId }: { tenantId?: string }) {
  const { t } = useTranslation("finance");
  const page = usePendingTopUps();
  const rows = page.rows?.filter((row) => tenantId === undefined || row.tenant_id === tenantId);
  const names = useTenantNames(rows ?? []);
  const columns = useColumns(names, tenantId === undefined);
  return (
    <WaitingList
      {...page}
      rows={rows}
      title={t(tenantId === undefined ? "waiting.top_ups" : "waiting.title")}
      hint={t("pending_hint")}
      columns={columns}
      rowLabel={(row) => row.reference}
    />
  );
}

function useColumns(names: ReadonlyMap<string, string>, withTenant: boolean): Column<TopUp>[] {
  const { t } = useTranslation("finance");
  return useMemo(
    () => [
      {
        id: "reference",
        header: withTenant ? t("tenant") : t("reference"),
        primary: true,
        cell: (row) =>
          withTenant ? (
            <Entry title={<TenantLink id={row.tenant_id} names={names} tab="top_ups" />}>
              {row.reference} · {row.reason}
            </Entry>
          ) : (
            <Entry title={row.reference}>{row.reason}</Entry>
          ),
      },
      { id: "method", header: t("method"), cell: (row) => t(`method_${row.method}`) },
      {
        id: "amount",
        header: t("amount"),
        align: "end",
        cell: (row) => <CreditAmount credits={row.amount_credits} />,
      },
      {
        id: "at",
        header: t("entered"),
        cell: (row) => (
          <>
            <RelativeTime at={row.created_at} /> · <Actor actor={row.created_by} />
          </>
        ),
      },
      {
        id: "approve",
        header: t("second_person"),
        align: "end",
        cell: (row) => <Decision topUp={row} name={names.get(row.tenant_id)} />,
      },
    ],
    [t, names, withTenant],
  );
}

function Decision({ topUp, name }: { topUp: TopUp; name: string | undefined }) {
  const { t } = useTranslation("finance");
  const params = { path: { top_up_id: topUp.id } };
  return (
    <SecondPerson
      name={topUp.reference}
      askedBy={topUp.created_by}
      title={t("approve_title")}
      consent={t("approve_consent")}
      approve={(headers) => client.POST("/v1/top-ups/{top_up_id}/approve", { params, headers })}
      decline={(reason, headers) =>
        client.POST("/v1/top-ups/{top_up_id}/decline", { params, body: { reason }, headers })
      }
      refreshes={["/v1/top-ups", "/v1/tenants", "/v1/bank-lines"]}
    >
      <Entered topUp={topUp} name={name} />
    </SecondPerson>
  );
}

/** The second person sees what the first one entered, and what it would do. */
function Entered({ topUp, name }: { topUp: TopUp; name: string | undefined }) {
  const { t } = useTranslation("finance");
  const { data: balance } = api.useQuery("get", "/v1/tenants/{tenant_id}/balance", {
    params: { path: { tenant_id: topUp.tenant_id } },
  });
  return (
    <>
      <Facts
        facts={[
          { label: t("tenant"), value: name },
          { label: t("method"), value: t(`method_${topUp.method}`) },
          { label: t("reference"), value: topUp.reference },
          { label: t("reason"), value: topUp.reason },
          { label: t("proof"), value: <ProofLink {...topUp} /> },
          { label: t("entered"), value: <RelativeTime at={topUp.created_at} /> },
        ]}
      />
      {balance !== undefined && <Effect balance={balance} added={topUp.amount_credits} />}
    </>
  );
}
