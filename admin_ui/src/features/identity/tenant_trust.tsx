import { Button, Group, NumberInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, client } from "@/api/client";
import { present } from "@/api/present";
import type { components } from "@/api/schema";
import { useSession } from "@/api/session";
import { useIntent } from "@/api/use_intent";
import { useRefresh } from "@/api/use_pages";
import { Facts } from "@/ui/facts";
import { formatDay } from "@/ui/format";
import { Section } from "@/ui/page_header";
import { ReasonDialog } from "@/ui/reason_dialog";
import { StatusPill, type Tone } from "@/ui/status_pill";
import { ComplaintDialog } from "./complaint_dialog";
import { Complaints } from "./complaints";
import classes from "./tenant_trust.module.css";

type Trust = components["schemas"]["TrustView"];
type Strike = Trust["strikes"][number];

const TRUST_TONES: Record<Trust["level"], Tone> = {
  trusted: "ok",
  usual: "idle",
  watched: "warn",
  condemned: "bad",
};
const WEIGHT_MAX = 100;
const STRIKE_DAYS = 90;
const WEIGHT_USUAL = 10;

function useAfterStrike(tenantId: string, done: () => void) {
  const refresh = useRefresh();
  return {
    onSuccess: async () => {
      await refresh(`/v1/tenants/{tenant_id}/trust`);
      done();
    },
    path: { tenant_id: tenantId },
  };
}

/** Strikes with their weight and end, and what follows from them; leads give and lift them. */
export function TenantTrust({ tenantId }: { tenantId: string }) {
  const { t, i18n } = useTranslation("trust");
  const roles = useSession()?.staff_roles ?? [];
  const leads = roles.includes("lead");
  const moderates = leads || roles.includes("moderator");
  const [asked, setAsked] = useState(false);
  const [complaining, setComplaining] = useState(false);
  const { data } = api.useQuery("get", "/v1/tenants/{tenant_id}/trust", {
    params: { path: { tenant_id: tenantId } },
  });
  if (data === undefined) return null;
  const rate = (perMille: number | null) =>
    perMille === null
      ? "–"
      : new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 2 }).format(perMille);
  return (
    <Section
      title={t("title")}
      aside={<StatusPill tone={TRUST_TONES[data.level]}>{t(`level.${data.level}`)}</StatusPill>}
    >
      <Facts
        facts={[
          { label: t("weight"), value: data.weight },
          { label: t("opt_outs"), value: rate(data.rates.opt_outs_per_mille) },
          { label: t("complaints"), value: rate(data.rates.complaints_per_mille) },
        ]}
      />
      {data.strikes.length > 0 && (
        <ul className={classes.strikes} aria-label={t("strikes")}>
          {data.strikes.map((strike) => (
            <StrikeLine key={strike.id} strike={strike} tenantId={tenantId} leads={leads} />
          ))}
        </ul>
      )}
      {moderates && <Complaints tenantId={tenantId} />}
      <Group mt="sm" gap="xs">
        {leads && (
          <Button variant="default" onClick={() => setAsked(true)}>
            {t("give")}
          </Button>
        )}
        {moderates && (
          <Button variant="default" onClick={() => setComplaining(true)}>
            {t("complain")}
          </Button>
        )}
      </Group>
      {complaining && <ComplaintDialog tenantId={tenantId} onClose={() => setComplaining(false)} />}
      {asked && <GiveStrike tenantId={tenantId} onClose={() => setAsked(false)} />}
    </Section>
  );
}

type LineProps = { strike: Strike; tenantId: string; leads: boolean };

function StrikeLine({ strike, tenantId, leads }: LineProps) {
  const { t, i18n } = useTranslation("trust");
  const [asked, setAsked] = useState(false);
  const { onSuccess, path } = useAfterStrike(tenantId, () => setAsked(false));
  const lift = useIntent(
    async (reason: string, headers) =>
      present(
        await client.POST("/v1/tenants/{tenant_id}/strikes/{strike_id}/lift", {
          params: { path: { ...path, strike_id: strike.id } },
          body: { reason },
          headers,
        }),
      ),
    { onSuccess },
  );
  return (
    <li>
      <StatusPill tone={strike.is_standing ? "warn" : "idle"}>
        {t(`cause.${strike.cause}`)} {strike.weight}
      </StatusPill>
      <span>
        {strike.reason}
        {strike.lifted_reason !== null && ` · ${t("lifted")} ${strike.lifted_reason}`}
      </span>
      <span>
        {strike.is_standing
          ? t("until", { date: formatDay(new Date(strike.expires_at), i18n.language) })
          : t("over")}
      </span>
      {leads && strike.is_standing && (
        <Button size="compact-xs" variant="default" onClick={() => setAsked(true)}>
          {t("lift")}
        </Button>
      )}
      {asked && (
        <ReasonDialog
          title={t("lift_title")}
          text={t("lift_text")}
          label={t("why")}
          confirm={t("lift")}
          pending={lift.isPending}
          error={lift.error}
          onClose={() => {
            setAsked(false);
            lift.reset();
          }}
          onConfirm={(reason) => lift.mutate(reason)}
        />
      )}
    </li>
  );
}

function GiveStrike({ tenantId, onClose }: { tenantId: string; onClose: () => void }) {
  const { t } = useTranslation("trust");
  const [weight, setWeight] = useState(WEIGHT_USUAL);
  const { onSuccess, path } = useAfterStrike(tenantId, onClose);
  const give = useIntent(
    async (reason: string, headers) =>
      present(
        await client.POST("/v1/tenants/{tenant_id}/strikes", {
          params: { path },
          body: { weight, days: STRIKE_DAYS, reason },
          headers,
        }),
      ),
    { onSuccess },
  );
  return (
    <ReasonDialog
      title={t("give")}
      text={t("give_text", { days: STRIKE_DAYS })}
      label={t("why")}
      confirm={t("give")}
      danger
      pending={give.isPending}
      error={give.error}
      onClose={onClose}
      onConfirm={(reason) => give.mutate(reason)}
      extra={
        <NumberInput
          mb="sm"
          label={t("weight")}
          min={1}
          max={WEIGHT_MAX}
          allowDecimal={false}
          value={weight}
          onChange={(value) => typeof value === "number" && setWeight(value)}
        />
      }
    />
  );
}
