import { Button } from "@mantine/core";
import { IconPlus, IconWorld } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, client } from "@/api/client";
import type { components } from "@/api/schema";
import { usePages } from "@/api/use_pages";
import { type Column, DataTable } from "@/ui/data_table";
import { SidePanel } from "@/ui/dialog";
import { Facts } from "@/ui/facts";
import { formatPlanned } from "@/ui/format";
import { Section } from "@/ui/page_header";
import { EmptyState, ErrorState, PageSkeleton } from "@/ui/states";
import { StatusPill } from "@/ui/status_pill";
import { ROWS_PER_PAGE } from "../billing";
import { Actor, Entry } from "./cells";
import classes from "./finance.module.css";
import { PendingPrices } from "./pending_prices";
import { PriceDialog } from "./price_dialog";

type Summary = components["schemas"]["PriceListSummary"];

/** What a message costs in credits, by country and channel; a quote keeps the list it was made with. */
export function PriceListsPart() {
  const { t, i18n } = useTranslation("finance");
  const [opened, setOpened] = useState<Summary | null>(null);
  const [proposing, setProposing] = useState(false);
  const page = usePages<Summary>("/v1/price-lists", {}, ({ cursor, signal }) =>
    client.GET("/v1/price-lists", { params: { query: { cursor, limit: ROWS_PER_PAGE } }, signal }),
  );
  const columns = useMemo<Column<Summary>[]>(
    () => [
      {
        id: "version",
        header: t("prices.version"),
        primary: true,
        cell: (row) => (
          <Entry title={t("prices.list_version", { version: row.version })}>{row.reason}</Entry>
        ),
      },
      {
        id: "state",
        header: t("state"),
        cell: (row) => {
          if (row.is_in_force) return <StatusPill tone="ok">{t("prices.in_force")}</StatusPill>;
          const isComing = new Date(row.effective_from) > new Date();
          return (
            <StatusPill tone={isComing ? "info" : "idle"} icon={isComing ? "waiting" : "done"}>
              {t(isComing ? "prices.coming" : "prices.past")}
            </StatusPill>
          );
        },
      },
      {
        id: "from",
        header: t("prices.from"),
        cell: (row) => formatPlanned(new Date(row.effective_from), i18n.language),
      },
      {
        id: "margin",
        header: t("prices.margin"),
        align: "end",
        cell: (row) => `${row.margin_percent} %`,
      },
    ],
    [t, i18n.language],
  );
  const newest = page.rows?.reduce<Summary | undefined>(
    (best, row) => (best === undefined || row.version > best.version ? row : best),
    undefined,
  );
  return (
    <div className={classes.stack}>
      <PendingPrices />
      <Section
        title={t("prices.lists")}
        aside={
          <Button
            size="compact-sm"
            leftSection={<IconPlus size={14} aria-hidden />}
            disabled={newest === undefined}
            onClick={() => setProposing(true)}
          >
            {t("prices.propose_list")}
          </Button>
        }
        flush
      >
        <DataTable
          {...page}
          label={t("prices.lists")}
          columns={columns}
          rowId={(row) => String(row.version)}
          rowLabel={(row) => String(row.version)}
          keys
          onOpen={setOpened}
          empty={
            <EmptyState icon={IconWorld} title={t("prices.no_list")}>
              {t("prices.no_list_text")}
            </EmptyState>
          }
        />
      </Section>
      {opened !== null && <ListPanel summary={opened} onClose={() => setOpened(null)} />}
      {proposing && newest !== undefined && (
        <PriceDialog base={newest.version} onClose={() => setProposing(false)} />
      )}
    </div>
  );
}

function ListPanel({ summary, onClose }: { summary: Summary; onClose: () => void }) {
  const { t } = useTranslation("finance");
  const { data, error, refetch } = api.useQuery("get", "/v1/price-lists/{price_version}", {
    params: { path: { price_version: summary.version } },
  });
  return (
    <SidePanel
      opened
      title={t("prices.list_version", { version: summary.version })}
      onClose={onClose}
    >
      {data === undefined && error === null && <PageSkeleton />}
      {data === undefined && error !== null && (
        <ErrorState error={error} onRetry={() => void refetch()} />
      )}
      {data !== undefined && (
        <div className={classes.stack}>
          <Facts
            facts={[
              { label: t("entered"), value: <Actor actor={data.created_by} /> },
              {
                label: t("prices.refund_undelivered"),
                value: data.refund_undelivered ? t("yes") : t("no"),
              },
              { label: t("prices.margin"), value: `${data.margin_percent} %` },
            ]}
          />
          <Facts
            facts={data.prices.map(({ country, channel, credits }) => ({
              label: `${country} · ${channel.toUpperCase()}`,
              value: <span className="tabular">{credits}</span>,
            }))}
          />
        </div>
      )}
    </SidePanel>
  );
}
