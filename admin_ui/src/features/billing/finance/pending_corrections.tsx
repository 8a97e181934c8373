import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { usePages } from "@/api/use_pages";
import { CreditAmount } from "@/ui/credit_amount";
import type { Column } from "@/ui/data_table";
import { Facts } from "@/ui/facts";
import { formatDay } from "@/ui/format";
import { RelativeTime } from "@/ui/relative_time";
import { ROWS_PER_PAGE } from "../billing";
import { Actor, Entry, TenantLink } from "./cells";
import { SecondPerson } from "./decisions";
import { type Correction, useTenantNames, WAITING_POLL_MS } from "./finance";
import { WaitingList } from "./waiting_list";

export function usePendingCorrections() {
  return usePages<Correction>(
    "/v1/corrections",
    { state: "pending" },
    ({ cursor, signal }) =>
      client.GET("/v1/corrections", {
        params: { query: { state: "pending", cursor, limit: ROWS_PER_PAGE } },
        signal,
      }),
    { refetchInterval: WAITING_POLL_MS },
  );
}

/** Reversals, credit lines and grants above the limit of one clerk. */
export function PendingCorrections() {
  const { t } = useTranslation("finance");
  const page = usePendingCorrections();
  const names = useTenantNames(page.rows ?? []);
  const columns = useMemo<Column<Correction>[]>(
    () => [
      {
        id: "tenant",
        header: t("tenant"),
        primary: true,
        cell: (row) => (
          <Entry title={<TenantLink id={row.tenant_id} names={names} />}>{row.reason}</Entry>
        ),
      },
      { id: "kind", header: t("kind"), cell: (row) => t(`correction.${row.kind}`) },
      {
        id: "amount",
        header: t("amount"),
        align: "end",
        cell: (row) => (
          <CreditAmount credits={row.amount_credits * (row.kind === "reversal" ? -1 : 1)} />
        ),
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
        cell: (row) => <Decision correction={row} name={names.get(row.tenant_id) ?? row.id} />,
      },
    ],
    [t, names],
  );
  return (
    <WaitingList
      {...page}
      title={t("waiting.corrections")}
      hint={t("waiting.corrections_hint")}
      columns={columns}
      rowLabel={(row) => names.get(row.tenant_id) ?? row.id}
    />
  );
}

function Decision({ correction, name }: { correction: Correction; name: string }) {
  const { t, i18n } = useTranslation("finance");
  const params = { path: { correction_id: correction.id } };
  const { grant_kind, grant_reference, expires_at } = correction;
  const grantFacts = grant_kind
    ? [
        { label: t("grant_kind"), value: t(`kind_${grant_kind}`) },
        { label: t("reference"), value: grant_reference },
        ...(expires_at
          ? [{ label: t("expires"), value: formatDay(new Date(expires_at), i18n.language) }]
          : []),
      ]
    : [];
  return (
    <SecondPerson
      name={name}
      askedBy={correction.created_by}
      title={t(`correction.approve_${correction.kind}`)}
      consent={t(`correction.consent_${correction.kind}`)}
      approve={(headers) =>
        client.POST("/v1/corrections/{correction_id}/approve", { params, headers })
      }
      decline={(reason, headers) =>
        client.POST("/v1/corrections/{correction_id}/decline", {
          params,
          body: { reason },
          headers,
        })
      }
      refreshes={["/v1/corrections", "/v1/tenants", "/v1/top-ups"]}
    >
      <Facts
        facts={[
          { label: t("tenant"), value: name },
          { label: t("kind"), value: t(`correction.${correction.kind}`) },
          {
            label: t("amount"),
            value: <CreditAmount credits={correction.amount_credits} unit />,
          },
          ...grantFacts,
          { label: t("reason"), value: correction.reason },
          { label: t("entered"), value: <RelativeTime at={correction.created_at} /> },
        ]}
      />
    </SecondPerson>
  );
}
