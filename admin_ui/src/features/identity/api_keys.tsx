import { Button } from "@mantine/core";
import { IconKey, IconPlus } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, client } from "@/api/client";
import type { components } from "@/api/schema";
import { useIntent } from "@/api/use_intent";
import { useRefresh } from "@/api/use_pages";
import { ConfirmDialog } from "@/ui/confirm_dialog";
import { type Column, DataTable } from "@/ui/data_table";
import { Section } from "@/ui/page_header";
import { RelativeTime } from "@/ui/relative_time";
import { useShortcuts } from "@/ui/shortcuts";
import { EmptyState } from "@/ui/states";
import { StatusPill, Tag } from "@/ui/status_pill";
import { NewKeyDialog } from "./new_key_dialog";
import classes from "./settings.module.css";

type ApiKey = components["schemas"]["ApiKeyView"];

export function ApiKeys() {
  const { t } = useTranslation();
  const [adding, setAdding] = useState(false);
  const [revoking, setRevoking] = useState<ApiKey | null>(null);
  const { data, error, refetch } = api.useQuery("get", "/v1/api-keys");
  const columns = useColumns(setRevoking);
  useShortcuts([{ keys: "n", label: t("settings.new_key"), run: () => setAdding(true) }]);
  const add = (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setAdding(true)}>
      {t("settings.new_key")}
    </Button>
  );
  return (
    <>
      <Section title={t("settings.keys")} aside={data?.length ? add : undefined} flush>
        <DataTable
          label={t("settings.keys")}
          columns={columns}
          rows={data}
          error={error}
          onRetry={() => void refetch()}
          rowId={(row) => row.id}
          rowLabel={(row) => row.name}
          keys
          empty={
            <EmptyState icon={IconKey} title={t("settings.no_keys")} action={add}>
              {t("settings.no_keys_text")}
            </EmptyState>
          }
        />
      </Section>
      {adding && <NewKeyDialog onClose={() => setAdding(false)} />}
      {revoking !== null && <RevokeDialog apiKey={revoking} onClose={() => setRevoking(null)} />}
    </>
  );
}

function KeyState({ of }: { of: ApiKey }) {
  const { t } = useTranslation();
  if (of.revoked_at !== null) {
    return (
      <StatusPill tone="idle" icon="failed">
        {t("settings.revoked")}
      </StatusPill>
    );
  }
  if (of.expires_at !== null && Date.parse(of.expires_at) < Date.now())
    return <StatusPill tone="warn">{t("settings.expired")}</StatusPill>;
  return <StatusPill tone="ok">{t("settings.active")}</StatusPill>;
}

function useColumns(onRevoke: (key: ApiKey) => void): Column<ApiKey>[] {
  const { t } = useTranslation();
  return useMemo(
    () => [
      { id: "name", header: t("settings.key_name"), primary: true, cell: (row) => row.name },
      {
        id: "prefix",
        header: t("settings.begins_with"),
        cell: (row) => <span className="mono nowrap">{row.prefix}…</span>,
      },
      {
        id: "scopes",
        header: t("settings.scopes"),
        cell: (row) => (
          <span className={classes.tags}>
            {row.is_test && <Tag tone="info">{t("settings.test")}</Tag>}
            {row.scopes.map((scope) => (
              <Tag key={scope}>{scope}</Tag>
            ))}
          </span>
        ),
      },
      { id: "state", header: t("settings.state"), cell: (row) => <KeyState of={row} /> },
      {
        id: "used",
        header: t("settings.last_used"),
        cell: (row) =>
          row.last_used_at === null ? t("settings.never") : <RelativeTime at={row.last_used_at} />,
      },
      {
        id: "verbs",
        header: t("settings.actions"),
        align: "end",
        cell: (row) =>
          row.revoked_at === null && (
            <Button
              size="compact-sm"
              variant="default"
              data-tone="bad"
              aria-label={t("settings.revoke_name", { name: row.name })}
              onClick={() => onRevoke(row)}
            >
              {t("settings.revoke")}
            </Button>
          ),
      },
    ],
    [t, onRevoke],
  );
}

function RevokeDialog({ apiKey, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const { t } = useTranslation();
  const refresh = useRefresh();
  const revoking = useIntent(
    (key_id: string, headers) =>
      client.DELETE("/v1/api-keys/{key_id}", { params: { path: { key_id } }, headers }),
    {
      onSuccess: async () => {
        await refresh("/v1/api-keys");
        onClose();
      },
    },
  );
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      onConfirm={() => revoking.mutate(apiKey.id)}
      title={t("settings.revoke_title", { name: apiKey.name })}
      confirm={t("settings.revoke")}
      danger
      pending={revoking.isPending}
      error={revoking.error}
    >
      <p>{t("settings.revoke_text")}</p>
      <p>
        {t("settings.last_used")}:{" "}
        {apiKey.last_used_at === null ? (
          t("settings.never")
        ) : (
          <RelativeTime at={apiKey.last_used_at} />
        )}
      </p>
    </ConfirmDialog>
  );
}
