import { Button, Group } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { present } from "@/api/present";
import type { components } from "@/api/schema";
import { useSession } from "@/api/session";
import { useIntent } from "@/api/use_intent";
import { useRefresh } from "@/api/use_pages";
import { type Column, DataTable } from "@/ui/data_table";
import { formatInteger, formatProgress } from "@/ui/format";
import { ReasonDialog } from "@/ui/reason_dialog";
import { RelativeTime } from "@/ui/relative_time";
import { SessionStatePill } from "@/ui/state_pill";

type Running = components["schemas"]["RunningSessionView"];
type Act = "hold" | "lift" | "end";
type Asked = { of: Running; act: Act };

const ROUTES = {
  hold: "/v1/sessions/{tenant_id}/{session_id}/pause",
  lift: "/v1/sessions/{tenant_id}/{session_id}/resume",
  end: "/v1/sessions/{tenant_id}/{session_id}/kill",
} as const;
// A pause by a switch or a suspension ends with that, never by itself.
const LIFTED_HERE: ReadonlySet<string> = new Set(["tenant", "staff"]);

function actsOn(of: Running, leads: boolean): Act[] {
  const acts: Act[] = [];
  if (of.state === "sending") acts.push("hold");
  if (of.state === "paused" && LIFTED_HERE.has(of.pause_owner ?? "tenant")) acts.push("lift");
  if (leads) acts.push("end");
  return acts;
}

export function RunningSessions({ rows, empty }: { rows: readonly Running[]; empty: ReactNode }) {
  const { t } = useTranslation("sending");
  const roles = useSession()?.staff_roles ?? [];
  const leads = roles.includes("lead") || roles.includes("admin");
  const [asked, setAsked] = useState<Asked | null>(null);
  const refresh = useRefresh();
  const acting = useIntent(
    async ({ of, act, reason }: Asked & { reason: string }, headers) =>
      present(
        await client.POST(ROUTES[act], {
          params: { path: { tenant_id: of.tenant_id, session_id: of.id } },
          body: { reason },
          headers,
        }),
      ),
    {
      onSuccess: async () => {
        await refresh("/v1/sending");
        setAsked(null);
      },
    },
  );
  const columns = useColumns(leads, setAsked);
  const name = asked?.of.campaign_name ?? t("desk.unnamed");
  return (
    <>
      <DataTable
        label={t("desk.running")}
        columns={columns}
        rows={rows}
        rowId={(row) => row.id}
        rowLabel={(row) => row.campaign_name ?? t("desk.unnamed")}
        error={null}
        onRetry={() => undefined}
        onLoadMore={undefined}
        loadingMore={false}
        empty={empty}
      />
      {asked !== null && (
        <ReasonDialog
          title={t(`desk.${asked.act}_title`, { name })}
          text={t(`desk.${asked.act}_text`)}
          label={t("desk.reason")}
          example={t("desk.reason_example")}
          confirm={t(`desk.${asked.act}`)}
          danger={asked.act === "end"}
          pending={acting.isPending}
          error={acting.error}
          onClose={() => {
            setAsked(null);
            acting.reset();
          }}
          onConfirm={(reason) => acting.mutate({ ...asked, reason })}
        />
      )}
    </>
  );
}

function useColumns(leads: boolean, onAsk: (asked: Asked) => void): Column<Running>[] {
  const { t, i18n } = useTranslation("sending");
  return useMemo(
    () => [
      {
        id: "campaign",
        header: t("desk.campaign"),
        primary: true,
        cell: (row) => row.campaign_name ?? t("desk.unnamed"),
      },
      {
        id: "tenant",
        header: t("desk.tenant"),
        cell: (row) => (
          <Link to="/tenants/$tenantId" params={{ tenantId: row.tenant_id }}>
            {row.tenant_name}
          </Link>
        ),
      },
      {
        id: "state",
        header: t("desk.state"),
        cell: (row) => (
          <>
            <SessionStatePill state={row.state} />{" "}
            {row.pause_owner !== null && (
              <small>{t(`desk.owner.${row.pause_owner as "tenant"}`)}</small>
            )}
          </>
        ),
      },
      {
        id: "progress",
        header: t("desk.progress"),
        align: "end",
        cell: (row) =>
          row.planned === 0
            ? "–"
            : `${formatProgress(row.final, row.planned, i18n.language)} · ${formatInteger(row.planned, i18n.language)}`,
      },
      {
        id: "since",
        header: t("desk.since"),
        cell: (row) => <RelativeTime at={row.state_changed_at} />,
      },
      {
        id: "acts",
        header: t("desk.acts"),
        align: "end",
        cell: (row) => (
          <Group gap={6} justify="flex-end" wrap="nowrap">
            {actsOn(row, leads).map((act) => (
              <Button
                key={act}
                size="compact-sm"
                variant="default"
                data-tone={act === "end" ? "bad" : undefined}
                onClick={() => onAsk({ of: row, act })}
              >
                {t(`desk.${act}`)}
              </Button>
            ))}
          </Group>
        ),
      },
    ],
    [t, i18n.language, leads, onAsk],
  );
}
