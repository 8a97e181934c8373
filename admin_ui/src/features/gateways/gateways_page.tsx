import { Button } from "@mantine/core";
import { IconAntennaBars5, IconPlus } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { Callout } from "@/ui/callout";
import { type Column, DataTable } from "@/ui/data_table";
import { SidePanel } from "@/ui/dialog";
import { formatInteger, formatPercent } from "@/ui/format";
import { PageHeader, Section } from "@/ui/page_header";
import { useShortcuts } from "@/ui/shortcuts";
import { EmptyState } from "@/ui/states";
import { Tag } from "@/ui/status_pill";
import { GatewayDialog } from "./gateway_dialog";
import { GatewayPanel } from "./gateway_panel";
import { GatewayPill } from "./gateway_pills";
import {
  errorRatio,
  GATEWAYS,
  type Gateway,
  granted,
  lastError,
  QUEUES,
  type Queue,
  speed,
  windowOf,
} from "./gateways";
import classes from "./gateways.module.css";

const REFRESH_MS = 5_000;

/** For our people who run the platform: every way out, how it fares and what waits at it. */
export function GatewaysPage() {
  const { t } = useTranslation("gateways");
  const [adding, setAdding] = useState(false);
  const [openedId, setOpenedId] = useState<string | null>(null);
  const every = { refetchInterval: REFRESH_MS };
  const { data, error, refetch } = api.useQuery("get", GATEWAYS, {}, every);
  const { data: queues } = api.useQuery("get", QUEUES, {}, every);
  const columns = useColumns(queues);
  const opened = data?.find(({ id }) => id === openedId);
  const noneWorks =
    data !== undefined &&
    data.length > 0 &&
    !data.some(({ state, is_working }) => state === "active" && is_working);
  useShortcuts([{ keys: "n", label: t("add"), run: () => setAdding(true) }]);
  const add = (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setAdding(true)}>
      {t("add")}
    </Button>
  );
  return (
    <>
      <PageHeader title={t("title")} actions={data?.length ? add : undefined} />
      <div className={classes.stack}>
        {noneWorks && (
          <Callout tone="bad" live title={t("none_works")}>
            {t("none_works_text")}
          </Callout>
        )}
        <Section flush>
          <DataTable
            label={t("title")}
            columns={columns}
            rows={data}
            rowId={(row) => row.id}
            rowLabel={(row) => row.name}
            error={error}
            onRetry={() => void refetch()}
            onOpen={(row) => setOpenedId(row.id)}
            keys
            empty={
              <EmptyState icon={IconAntennaBars5} title={t("empty")} action={add}>
                {t("empty_text")}
              </EmptyState>
            }
          />
        </Section>
      </div>
      {adding && <GatewayDialog onClose={() => setAdding(false)} />}
      <SidePanel
        opened={opened !== undefined}
        title={opened?.name ?? ""}
        onClose={() => setOpenedId(null)}
      >
        {opened !== undefined && (
          <GatewayPanel
            gateway={opened}
            queue={queues?.find(({ gateway_id }) => gateway_id === opened.id)}
          />
        )}
      </SidePanel>
    </>
  );
}

function useColumns(queues: readonly Queue[] | undefined): Column<Gateway>[] {
  const { t, i18n } = useTranslation("gateways");
  return useMemo(() => {
    const whole = (value: number) => formatInteger(value, i18n.language);
    const waiting = (row: Gateway) => queues?.find((queue) => queue.gateway_id === row.id);
    return [
      {
        id: "name",
        header: t("name"),
        primary: true,
        cell: (row) => (
          <span className={classes.name}>
            {row.name} <Tag>{t(`kind.${row.settings.kind}`)}</Tag>
          </span>
        ),
      },
      {
        id: "state",
        header: t("state.title"),
        cell: (row) => (
          <span className={classes.state}>
            <GatewayPill of={row} />
            {lastError(row) !== "" && <small>{lastError(row)}</small>}
          </span>
        ),
      },
      {
        id: "countries",
        header: t("countries"),
        cell: (row) => (row.countries === null ? t("all_countries") : row.countries.join(", ")),
      },
      {
        id: "rate",
        header: t("rate"),
        align: "end",
        cell: (row) => {
          const may = granted(row);
          const now = speed(row.recent);
          const used = now > 0 && now < 10 ? now.toFixed(1) : whole(now);
          return may === null ? t("rate_free", { used }) : t("rate_of", { used, may: whole(may) });
        },
      },
      {
        id: "errors",
        header: t("errors"),
        align: "end",
        cell: (row) => {
          const ratio = errorRatio(row.recent);
          return ratio === null ? "–" : formatPercent(ratio, i18n.language);
        },
      },
      {
        id: "delay",
        header: t("delay"),
        align: "end",
        cell: (row) => {
          const delay = row.recent.receipt_delay_ms_mean;
          return delay === null || delay === undefined ? "–" : `${(delay / 1_000).toFixed(1)} s`;
        },
      },
      {
        id: "window",
        header: t("window"),
        align: "end",
        cell: (row) => {
          const { used, room } = windowOf(row);
          return room === 0 ? "–" : `${whole(used)} / ${whole(room)}`;
        },
      },
      {
        id: "queue",
        header: t("queue"),
        align: "end",
        cell: (row) => whole(waiting(row)?.messages ?? 0),
      },
    ];
  }, [t, i18n.language, queues]);
}
