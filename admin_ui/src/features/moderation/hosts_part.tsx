import { Button, TextInput } from "@mantine/core";
import { IconPlus, IconWorldOff } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, client } from "@/api/client";
import { present } from "@/api/present";
import type { components } from "@/api/schema";
import { useSession } from "@/api/session";
import { useIntent } from "@/api/use_intent";
import { useRefresh } from "@/api/use_pages";
import { ConfirmDialog } from "@/ui/confirm_dialog";
import { type Column, DataTable } from "@/ui/data_table";
import { Section } from "@/ui/page_header";
import { ReasonDialog } from "@/ui/reason_dialog";
import { RelativeTime } from "@/ui/relative_time";
import { EmptyState } from "@/ui/states";
import classes from "./lead_pages.module.css";

type Blocked = components["schemas"]["BlockedHostView"];

const HOSTS = "/v1/blocked-hosts";
const HOST_CHARACTERS_MAX = 253;

/** Hosts nobody may send, with every domain below them; leads keep the list. */
export function HostsPart() {
  const { t } = useTranslation("matters");
  const leads = useSession()?.staff_roles.includes("lead") ?? false;
  const [blocking, setBlocking] = useState(false);
  const [freeing, setFreeing] = useState<string | null>(null);
  const { data, error, refetch } = api.useQuery("get", HOSTS);
  const columns: Column<Blocked>[] = [
    {
      id: "host",
      header: t("hosts.host"),
      primary: true,
      cell: (row) => <span className="mono">{row.host}</span>,
    },
    { id: "reason", header: t("hosts.reason"), cell: (row) => row.reason },
    {
      id: "at",
      header: t("hosts.since"),
      align: "end",
      cell: (row) => <RelativeTime at={row.added_at} />,
    },
    {
      id: "act",
      header: t("hosts.act"),
      align: "end",
      cell: (row) =>
        leads && (
          <Button size="compact-sm" variant="default" onClick={() => setFreeing(row.host)}>
            {t("hosts.free")}
          </Button>
        ),
    },
  ];
  const block = leads && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setBlocking(true)}>
      {t("hosts.block")}
    </Button>
  );
  return (
    <div className={classes.stack}>
      <Section flush title={t("hosts.title")} aside={block}>
        <DataTable
          label={t("hosts.title")}
          columns={columns}
          rows={data}
          rowId={(row) => row.host}
          rowLabel={(row) => row.host}
          error={error}
          onRetry={() => void refetch()}
          empty={
            <EmptyState icon={IconWorldOff} title={t("hosts.none")} action={block}>
              {t("hosts.none_text")}
            </EmptyState>
          }
        />
      </Section>
      {blocking && <BlockHost onClose={() => setBlocking(false)} />}
      {freeing !== null && <FreeHost host={freeing} onClose={() => setFreeing(null)} />}
    </div>
  );
}

function BlockHost({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("matters");
  const refresh = useRefresh();
  const [host, setHost] = useState("");
  const block = useIntent(
    async (reason: string, headers) =>
      present(await client.POST(HOSTS, { body: { host: host.trim(), reason }, headers })),
    {
      onSuccess: async () => {
        await refresh(HOSTS);
        onClose();
      },
    },
  );
  return (
    <ReasonDialog
      title={t("hosts.block")}
      text={t("hosts.block_text")}
      label={t("why")}
      confirm={t("hosts.block")}
      danger
      pending={block.isPending}
      error={block.error}
      onClose={onClose}
      onConfirm={(reason) => host.trim() !== "" && block.mutate(reason)}
      extra={
        <TextInput
          mb="sm"
          label={t("hosts.host")}
          placeholder="phish.example.com"
          maxLength={HOST_CHARACTERS_MAX}
          required
          value={host}
          onChange={(event) => setHost(event.currentTarget.value)}
        />
      }
    />
  );
}

function FreeHost({ host, onClose }: { host: string; onClose: () => void }) {
  const { t } = useTranslation("matters");
  const refresh = useRefresh();
  const free = useIntent(
    async (name: string, headers) => {
      await client.DELETE("/v1/blocked-hosts/{host}", {
        params: { path: { host: name } },
        headers,
      });
    },
    {
      onSuccess: async () => {
        await refresh(HOSTS);
        onClose();
      },
    },
  );
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      onConfirm={() => free.mutate(host)}
      title={t("hosts.free_title", { host })}
      confirm={t("hosts.free")}
      pending={free.isPending}
      error={free.error}
    >
      <p>{t("hosts.free_text")}</p>
    </ConfirmDialog>
  );
}
