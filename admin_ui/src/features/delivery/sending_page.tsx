import { Button } from "@mantine/core";
import { IconPlayerPlay, IconPlayerStop, IconSend } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, client } from "@/api/client";
import { present } from "@/api/present";
import type { components } from "@/api/schema";
import { useSession } from "@/api/session";
import { useIntent } from "@/api/use_intent";
import { useRefresh } from "@/api/use_pages";
import { Callout } from "@/ui/callout";
import { PageHeader, Section } from "@/ui/page_header";
import { ReasonDialog } from "@/ui/reason_dialog";
import { EmptyState, ErrorState, PageSkeleton } from "@/ui/states";
import { StatusPill } from "@/ui/status_pill";
import { ReplyWords } from "./reply_words";
import { RunningSessions } from "./running_sessions";
import classes from "./session_page.module.css";

type Desk = components["schemas"]["SendingDesk"];
type Switch = components["schemas"]["SwitchView"];

const REFRESH_MS = 3_000;

/** For our people: what is under way over all companies, and what stops it. */
export function SendingPage() {
  const { t } = useTranslation("sending");
  const { data, error, refetch } = api.useQuery(
    "get",
    "/v1/sending",
    {},
    { refetchInterval: REFRESH_MS },
  );
  if (data === undefined) {
    if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
    return <PageSkeleton />;
  }
  return (
    <>
      <PageHeader
        title={t("desk.title")}
        state={
          <StatusPill tone={data.platform.is_on ? "bad" : "ok"}>
            {t(data.platform.is_on ? "desk.is_off" : "desk.is_on")}
          </StatusPill>
        }
      />
      <div className={classes.stack}>
        <Switches desk={data} />
        <Section flush title={t("desk.running")}>
          <RunningSessions
            rows={data.sessions}
            empty={
              <EmptyState icon={IconSend} title={t("desk.none_running")}>
                {t("desk.none_running_text")}
              </EmptyState>
            }
          />
        </Section>
        <ReplyWords />
      </div>
    </>
  );
}

function useLeads(): boolean {
  const roles = useSession()?.staff_roles ?? [];
  return roles.includes("lead") || roles.includes("admin");
}

function Switches({ desk }: { desk: Desk }) {
  const { t } = useTranslation("sending");
  const leads = useLeads();
  const [asked, setAsked] = useState<Switch | null>(null);
  const refresh = useRefresh();
  const turning = useIntent(
    async ({ of, reason }: { of: Switch; reason: string }, headers) => {
      const body = { is_sending: of.is_on, reason };
      const answer =
        of.tenant_id === null
          ? await client.POST("/v1/sending/switch", { body, headers })
          : await client.POST("/v1/tenants/{tenant_id}/sending/switch", {
              params: { path: { tenant_id: of.tenant_id } },
              body,
              headers,
            });
      return present(answer);
    },
    {
      onSuccess: async () => {
        await refresh("/v1/sending");
        setAsked(null);
      },
    },
  );
  return (
    <Section title={t("desk.everybody")}>
      <Line of={desk.platform} leads={leads} onAsk={setAsked} />
      {desk.tenants.map((each) => (
        <Line key={each.tenant_id} of={each} leads={leads} onAsk={setAsked} />
      ))}
      {asked !== null && (
        <ReasonDialog
          title={t(asked.is_on ? "desk.go_on" : "desk.stop_all")}
          text={t(asked.is_on ? "desk.go_on_text" : "desk.stop_all_text")}
          label={t("desk.reason")}
          example={t("desk.reason_example")}
          confirm={t(asked.is_on ? "desk.go_on" : "desk.stop_all")}
          danger={!asked.is_on}
          pending={turning.isPending}
          error={turning.error}
          onClose={() => {
            setAsked(null);
            turning.reset();
          }}
          onConfirm={(reason) => turning.mutate({ of: asked, reason })}
        />
      )}
    </Section>
  );
}

type LineProps = { of: Switch; leads: boolean; onAsk: (of: Switch) => void };

function Line({ of, leads, onAsk }: LineProps) {
  const { t } = useTranslation("sending");
  const Icon = of.is_on ? IconPlayerPlay : IconPlayerStop;
  return (
    <div style={{ marginBottom: 10 }}>
      <Callout
        tone={of.is_on ? "bad" : "ok"}
        live
        title={
          of.tenant_id !== null && (
            <Link to="/tenants/$tenantId" params={{ tenantId: of.tenant_id }}>
              {of.tenant_name}
            </Link>
          )
        }
        action={
          leads && (
            <Button
              size="compact-sm"
              variant="default"
              data-tone={of.is_on ? undefined : "bad"}
              leftSection={<Icon size={15} aria-hidden />}
              onClick={() => onAsk(of)}
            >
              {t(of.is_on ? "desk.go_on" : "desk.stop_all")}
            </Button>
          )
        }
      >
        {of.is_on ? t("desk.stopped_because", { reason: of.reason ?? "" }) : t("desk.all_well")}
      </Callout>
    </div>
  );
}
