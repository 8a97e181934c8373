import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { usePages } from "@/api/use_pages";
import { CreditAmount } from "@/ui/credit_amount";
import type { Column } from "@/ui/data_table";
import { Facts } from "@/ui/facts";
import { RelativeTime } from "@/ui/relative_time";
import { ROWS_PER_PAGE } from "../billing";
import { Actor, Entry, MoneyAmount, TenantLink } from "./cells";
import { SecondPerson } from "./decisions";
import { type Refund, useTenantNames, WAITING_POLL_MS } from "./finance";
import { RefundPill } from "./pills";
import { Transfer } from "./refund_list";
import { WaitingList } from "./waiting_list";

const WAITING = "/v1/refunds/waiting";

export function usePendingRefunds() {
  return usePages<Refund>(
    WAITING,
    {},
    ({ cursor, signal }) =>
      client.GET(WAITING, { params: { query: { cursor, limit: ROWS_PER_PAGE } }, signal }),
    { refetchInterval: WAITING_POLL_MS },
  );
}

/** No credit leaves before the second person says yes; then somebody makes the transfer. */
export function PendingRefunds() {
  const { t } = useTranslation("finance");
  const page = usePendingRefunds();
  const names = useTenantNames(page.rows ?? []);
  const columns = useMemo<Column<Refund>[]>(
    () => [
      {
        id: "tenant",
        header: t("tenant"),
        primary: true,
        cell: (row) => (
          <Entry title={<TenantLink id={row.tenant_id} names={names} tab="purchases" />}>
            {row.reason}
          </Entry>
        ),
      },
      { id: "state", header: t("state"), cell: (row) => <RefundPill state={row.state} /> },
      { id: "method", header: t("method"), cell: (row) => t(`refund.method_${row.method}`) },
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
        id: "at",
        header: t("entered"),
        cell: (row) => (
          <>
            <RelativeTime at={row.requested_at} /> · <Actor actor={row.requested_by} />
          </>
        ),
      },
      {
        id: "approve",
        header: t("second_person"),
        align: "end",
        cell: (row) =>
          row.state === "requested" ? (
            <Decision refund={row} name={names.get(row.tenant_id) ?? row.id} />
          ) : (
            <Transfer refund={row} />
          ),
      },
    ],
    [t, names],
  );
  return (
    <WaitingList
      {...page}
      title={t("waiting.refunds")}
      hint={t("pending_hint")}
      columns={columns}
      rowLabel={(row) => names.get(row.tenant_id) ?? row.id}
    />
  );
}

function Decision({ refund, name }: { refund: Refund; name: string }) {
  const { t } = useTranslation("finance");
  const params = { path: { refund_id: refund.id } };
  return (
    <SecondPerson
      name={name}
      askedBy={refund.requested_by}
      title={t("refund.approve_title")}
      consent={t("refund.approve_consent")}
      approve={(headers) => client.POST("/v1/refunds/{refund_id}/approve", { params, headers })}
      decline={(reason, headers) =>
        client.POST("/v1/refunds/{refund_id}/decline", { params, body: { reason }, headers })
      }
      refreshes={["/v1/refunds", "/v1/tenants"]}
    >
      <Facts
        facts={[
          { label: t("tenant"), value: name },
          { label: t("amount"), value: <CreditAmount credits={refund.credits} unit /> },
          {
            label: t("money"),
            value: <MoneyAmount minor={refund.amount_minor} currency={refund.currency} />,
          },
          { label: t("method"), value: t(`refund.method_${refund.method}`) },
          { label: t("reason"), value: refund.reason },
          { label: t("entered"), value: <RelativeTime at={refund.requested_at} /> },
        ]}
      />
    </SecondPerson>
  );
}
