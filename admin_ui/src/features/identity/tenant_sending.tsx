import { Button } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { present } from "@/api/present";
import { useIntent } from "@/api/use_intent";
import { useRefresh } from "@/api/use_pages";
import { Section } from "@/ui/page_header";
import { ReasonDialog } from "@/ui/reason_dialog";
import { StatusPill } from "@/ui/status_pill";
import classes from "./settings.module.css";
import type { Tenant } from "./tenant_page";

type Act = "suspend" | "reactivate" | "kill";

async function post(tenant: Tenant, act: Act, reason: string, headers: Record<string, string>) {
  const options = { params: { path: { tenant_id: tenant.id } }, body: { reason }, headers };
  if (act === "kill") {
    present(await client.POST("/v1/tenants/{tenant_id}/sending/kill", options));
  } else {
    present(await client.POST(`/v1/tenants/{tenant_id}/${act}`, options));
  }
}

/** Whether this company may send, and what takes it from it. */
export function TenantSending({ tenant, leads }: { tenant: Tenant; leads: boolean }) {
  const { t } = useTranslation("sending");
  const refresh = useRefresh();
  const [asked, setAsked] = useState<Act | null>(null);
  const acting = useIntent(
    ({ act, reason }: { act: Act; reason: string }, headers) => post(tenant, act, reason, headers),
    {
      onSuccess: async () => {
        await refresh("/v1/tenants", "/v1/sending");
        setAsked(null);
      },
    },
  );
  const isSuspended = tenant.status === "suspended";
  const main: Act = isSuspended ? "reactivate" : "suspend";
  return (
    <Section
      title={t("tenant.title")}
      aside={
        <StatusPill tone={isSuspended ? "bad" : "ok"}>
          {t(isSuspended ? "tenant.suspended" : "tenant.is_on")}
        </StatusPill>
      }
    >
      <p style={{ margin: 0 }}>
        {isSuspended
          ? t("tenant.suspended_because", { reason: tenant.suspended_reason ?? "" })
          : t("tenant.may_send")}
      </p>
      {leads && (
        <div className={classes.sectionActions}>
          <Button
            variant="default"
            data-tone={isSuspended ? undefined : "bad"}
            onClick={() => setAsked(main)}
          >
            {t(`tenant.${main}`)}
          </Button>
          <Button variant="default" data-tone="bad" onClick={() => setAsked("kill")}>
            {t("tenant.kill")}
          </Button>
        </div>
      )}
      {asked !== null && (
        <ReasonDialog
          title={t(`tenant.${asked}_title`, { name: tenant.name })}
          text={t(`tenant.${asked}_text`)}
          label={t("desk.reason")}
          confirm={t(`tenant.${asked}`)}
          danger={asked !== "reactivate"}
          pending={acting.isPending}
          error={acting.error}
          onClose={() => {
            setAsked(null);
            acting.reset();
          }}
          onConfirm={(reason) => acting.mutate({ act: asked, reason })}
        />
      )}
    </Section>
  );
}
