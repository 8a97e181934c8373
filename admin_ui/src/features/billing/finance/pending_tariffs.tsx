import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { type Rows, usePages } from "@/api/use_pages";
import type { Column } from "@/ui/data_table";
import { formatPlanned } from "@/ui/format";
import { RelativeTime } from "@/ui/relative_time";
import { ROWS_PER_PAGE } from "../billing";
import { Actor, Entry } from "./cells";
import { SecondPerson } from "./decisions";
import type { Tariff } from "./finance";
import { TierTable } from "./tier_table";
import { WaitingList } from "./waiting_list";

export function useTariffs(): Rows<Tariff> {
  return usePages<Tariff>("/v1/tariffs", {}, ({ cursor, signal }) =>
    client.GET("/v1/tariffs", { params: { query: { cursor, limit: ROWS_PER_PAGE } }, signal }),
  );
}

export function usePendingTariffs(): Rows<Tariff> {
  const page = useTariffs();
  return { ...page, rows: page.rows?.filter((row) => row.state === "proposed") };
}

export function PendingTariffs() {
  const { t, i18n } = useTranslation("finance");
  const page = usePendingTariffs();
  const columns = useMemo<Column<Tariff>[]>(
    () => [
      {
        id: "version",
        header: t("prices.version"),
        primary: true,
        cell: (row) => (
          <Entry title={t("prices.tariff_version", { version: row.version })}>{row.reason}</Entry>
        ),
      },
      { id: "currency", header: t("prices.currency"), cell: (row) => row.currency },
      {
        id: "from",
        header: t("prices.from"),
        cell: (row) => formatPlanned(new Date(row.effective_from), i18n.language),
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
        cell: (row) => <TariffDecision tariff={row} />,
      },
    ],
    [t, i18n.language],
  );
  return (
    <WaitingList
      {...page}
      title={t("waiting.tariffs")}
      hint={t("waiting.prices_hint")}
      columns={columns}
      rowLabel={(row) => String(row.version)}
    />
  );
}

function TariffDecision({ tariff }: { tariff: Tariff }) {
  const { t } = useTranslation("finance");
  const params = { path: { tariff_version: tariff.version } };
  return (
    <SecondPerson
      name={t("prices.tariff_version", { version: tariff.version })}
      askedBy={tariff.created_by}
      title={t("prices.approve_tariff")}
      consent={t("prices.approve_consent")}
      approve={(headers) =>
        client.POST("/v1/tariffs/{tariff_version}/approve", { params, headers })
      }
      decline={(_, headers) =>
        client.POST("/v1/tariffs/{tariff_version}/withdraw", { params, headers })
      }
      withoutReason
      refreshes={["/v1/tariffs"]}
    >
      <p>{tariff.reason}</p>
      <TierTable tariff={tariff} />
    </SecondPerson>
  );
}
