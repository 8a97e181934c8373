import { Button } from "@mantine/core";
import { IconMail } from "@tabler/icons-react";
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
import { EmptyState, ErrorState } from "@/ui/states";
import { StatusPill, Tag } from "@/ui/status_pill";
import classes from "./settings.module.css";

type Invitation = components["schemas"]["InvitationView"];

/** Who was asked and has not answered; nothing at all while there is nobody. */
export function Invitations() {
  const { t } = useTranslation(["notices", "app"]);
  const refresh = useRefresh();
  const [revoking, setRevoking] = useState<Invitation | null>(null);
  const { data, error, refetch } = api.useQuery("get", "/v1/invitations");
  const resending = useIntent(
    (invitation_id: string, headers) =>
      client.POST("/v1/invitations/{invitation_id}/resend", {
        params: { path: { invitation_id } },
        headers,
      }),
    { onSuccess: () => refresh("/v1/invitations") },
  );
  const sent = resending.isSuccess ? resending.variables : undefined;
  const busy = resending.isPending ? resending.variables : undefined;
  const resend = resending.mutate;
  const columns = useMemo<Column<Invitation>[]>(
    () => [
      { id: "email", header: t("members.email"), primary: true, cell: (row) => row.email },
      {
        id: "role",
        header: t("members.role"),
        cell: (row) => <Tag tone="accent">{t(`app:role.${row.role}`)}</Tag>,
      },
      {
        id: "state",
        header: t("members.state"),
        cell: (row) => (
          <StatusPill tone={row.is_expired ? "warn" : "info"}>
            {row.is_expired ? t("members.expired") : t("members.waiting")}
          </StatusPill>
        ),
      },
      {
        id: "until",
        header: t("members.until"),
        cell: (row) => <RelativeTime at={row.expires_at} />,
      },
      {
        id: "verbs",
        header: t("members.actions"),
        align: "end",
        cell: (row) => (
          <span className={classes.tags}>
            <Button
              size="compact-sm"
              variant="default"
              loading={busy === row.id}
              aria-label={
                sent === row.id ? undefined : t("members.resend_name", { email: row.email })
              }
              onClick={() => resend(row.id)}
            >
              {sent === row.id ? t("members.resent") : t("members.resend")}
            </Button>
            <Button
              size="compact-sm"
              variant="default"
              data-tone="bad"
              aria-label={t("members.revoke_name", { email: row.email })}
              onClick={() => setRevoking(row)}
            >
              {t("members.revoke")}
            </Button>
          </span>
        ),
      },
    ],
    [t, sent, busy, resend],
  );
  if (data?.length === 0) return null;
  return (
    <>
      <Section title={t("members.open")} flush>
        <DataTable
          label={t("members.open")}
          columns={columns}
          rows={data}
          error={error}
          onRetry={() => void refetch()}
          rowId={(row) => row.id}
          rowLabel={(row) => row.email}
          empty={<EmptyState icon={IconMail} title={t("members.open")} />}
        />
      </Section>
      {resending.isError && <ErrorState error={resending.error} compact />}
      {revoking !== null && <RevokeDialog of={revoking} onClose={() => setRevoking(null)} />}
    </>
  );
}

function RevokeDialog({ of, onClose }: { of: Invitation; onClose: () => void }) {
  const { t } = useTranslation(["notices", "app"]);
  const refresh = useRefresh();
  const revoking = useIntent(
    (invitation_id: string, headers) =>
      client.DELETE("/v1/invitations/{invitation_id}", {
        params: { path: { invitation_id } },
        headers,
      }),
    {
      onSuccess: async () => {
        await refresh("/v1/invitations");
        onClose();
      },
    },
  );
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      onConfirm={() => revoking.mutate(of.id)}
      title={t("members.revoke_title", { email: of.email })}
      confirm={t("members.revoke")}
      danger
      pending={revoking.isPending}
      error={revoking.error}
    >
      <p>{t("members.revoke_text")}</p>
    </ConfirmDialog>
  );
}
