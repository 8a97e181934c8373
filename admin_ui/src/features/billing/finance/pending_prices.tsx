import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { usePages } from "@/api/use_pages";
import type { Column } from "@/ui/data_table";
import { Facts } from "@/ui/facts";
import { formatPlanned } from "@/ui/format";
import { RelativeTime } from "@/ui/relative_time";
import { ROWS_PER_PAGE } from "../billing";
import { Actor, Entry } from "./cells";
import { SecondPerson } from "./decisions";
import { type PriceProposal, WAITING_POLL_MS } from "./finance";
import { WaitingList } from "./waiting_list";

const SHOWN_DIFFERENCES_MAX = 12;

export function usePendingPrices() {
  return usePages<PriceProposal>(
    "/v1/price-proposals",
    { state: "pending" },
    ({ cursor, signal }) =>
      client.GET("/v1/price-proposals", {
        params: { query: { state: "pending", cursor, limit: ROWS_PER_PAGE } },
        signal,
      }),
    { refetchInterval: WAITING_POLL_MS },
  );
}

/** Message prices that shall change. */
export function PendingPrices() {
  const { t, i18n } = useTranslation("finance");
  const page = usePendingPrices();
  const columns = useMemo<Column<PriceProposal>[]>(
    () => [
      {
        id: "what",
        header: t("prices.changes"),
        primary: true,
        cell: (row) => (
          <Entry title={t("prices.change_count", { count: row.differences.length })}>
            {row.reason}
          </Entry>
        ),
      },
      {
        id: "from",
        header: t("prices.from"),
        cell: (row) =>
          row.effective_from === null
            ? t("prices.at_once")
            : formatPlanned(new Date(row.effective_from), i18n.language),
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
        cell: (row) => <Decision proposal={row} />,
      },
    ],
    [t, i18n.language],
  );
  return (
    <WaitingList
      {...page}
      title={t("waiting.prices")}
      hint={t("waiting.prices_hint")}
      columns={columns}
      rowLabel={(row) => row.reason}
    />
  );
}

function Decision({ proposal }: { proposal: PriceProposal }) {
  const { t } = useTranslation("finance");
  const params = { path: { price_proposal: proposal.id } };
  const more = proposal.differences.length - SHOWN_DIFFERENCES_MAX;
  const price = (credits: number | null) => (credits === null ? t("prices.not_sold") : credits);
  return (
    <SecondPerson
      name={proposal.reason}
      askedBy={proposal.created_by}
      title={t("prices.approve_list")}
      consent={t("prices.approve_consent")}
      approve={(headers) =>
        client.POST("/v1/price-proposals/{price_proposal}/approve", { params, headers })
      }
      decline={(reason, headers) =>
        client.POST("/v1/price-proposals/{price_proposal}/decline", {
          params,
          body: { reason },
          headers,
        })
      }
      refreshes={["/v1/price-proposals", "/v1/price-lists"]}
    >
      <p>{proposal.reason}</p>
      <Facts
        facts={proposal.differences
          .slice(0, SHOWN_DIFFERENCES_MAX)
          .map(({ country, channel, before, after }) => ({
            label: `${country} · ${channel.toUpperCase()}`,
            value: (
              <>
                {price(before)} → <strong>{price(after)}</strong>
              </>
            ),
          }))}
      />
      {more > 0 && <p>{t("prices.more", { count: more })}</p>}
    </SecondPerson>
  );
}
