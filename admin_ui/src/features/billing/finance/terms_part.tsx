import { Button } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, client } from "@/api/client";
import { asProblem } from "@/api/problem";
import { useIntent } from "@/api/use_intent";
import { useRefresh } from "@/api/use_pages";
import { CreditAmount } from "@/ui/credit_amount";
import { Facts } from "@/ui/facts";
import { Section } from "@/ui/page_header";
import { ReasonDialog } from "@/ui/reason_dialog";
import { ErrorState, PageSkeleton } from "@/ui/states";
import { StatusPill } from "@/ui/status_pill";
import type { Tenant } from "../billing";
import classes from "./finance.module.css";
import { LineDialog } from "./line_dialog";

/** On what terms a tenant sends: prepaid or billed by the month, on how much trust, or not at all. */
export function TermsPart({ tenant }: { tenant: Tenant }) {
  return (
    <div className={classes.two}>
      <Profile tenant={tenant} />
      <div className={classes.stack}>
        <CreditLine tenant={tenant} />
        <Freeze tenant={tenant} />
      </div>
    </div>
  );
}

function Profile({ tenant }: { tenant: Tenant }) {
  const { t } = useTranslation("finance");
  const { data, error, refetch } = api.useQuery(
    "get",
    "/v1/tenants/{tenant_id}/billing-profile",
    { params: { path: { tenant_id: tenant.id } } },
    { retry: false },
  );
  if (data === undefined && error === null) return <PageSkeleton />;
  if (data === undefined) {
    const isNone = asProblem(error).status === 404;
    return (
      <Section title={t("terms.profile")}>
        {isNone ? (
          <p className={classes.quiet}>{t("terms.no_profile")}</p>
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} compact />
        )}
      </Section>
    );
  }
  return (
    <Section title={t("terms.profile")} aside={<Terms tenant={tenant} terms={data.terms} />}>
      <Facts
        facts={[
          { label: t("terms.terms"), value: t(`terms.${data.terms}`) },
          { label: t("terms.company"), value: data.company_name },
          {
            label: t("terms.address"),
            value: [...data.address_lines, `${data.postal_code} ${data.city}`, data.country]
              .filter((line) => line.trim() !== "")
              .join(", "),
          },
          {
            label: t("terms.vat_id"),
            value:
              data.vat_id === null ? null : (
                <>
                  <span className="mono">{data.vat_id}</span>{" "}
                  <StatusPill tone={data.vat_state === "confirmed" ? "ok" : "warn"}>
                    {t(`vat_state.${data.vat_state}`)}
                  </StatusPill>
                </>
              ),
          },
          { label: t("terms.email"), value: data.email },
          { label: t("prices.currency"), value: data.currency },
          { label: t("terms.purchase_reference"), value: data.purchase_reference },
        ]}
      />
    </Section>
  );
}

function Terms({ tenant, terms }: { tenant: Tenant; terms: "prepaid" | "postpaid" }) {
  const { t } = useTranslation("finance");
  const [asked, setAsked] = useState(false);
  const refresh = useRefresh();
  const other = terms === "prepaid" ? "postpaid" : "prepaid";
  const changing = useIntent(
    (reason: string) =>
      client.PUT("/v1/tenants/{tenant_id}/billing-terms", {
        params: { path: { tenant_id: tenant.id } },
        body: { terms: other, reason },
      }),
    {
      onSuccess: async () => {
        await refresh("/v1/tenants");
        setAsked(false);
      },
    },
  );
  return (
    <>
      <Button size="compact-sm" variant="default" onClick={() => setAsked(true)}>
        {t(`terms.make_${other}`)}
      </Button>
      {asked && (
        <ReasonDialog
          title={t(`terms.make_${other}`)}
          text={t(`terms.text_${other}`)}
          label={t("reason")}
          confirm={t(`terms.make_${other}`)}
          pending={changing.isPending}
          error={changing.error}
          onClose={() => setAsked(false)}
          onConfirm={(reason) => changing.mutate(reason)}
        />
      )}
    </>
  );
}

function CreditLine({ tenant }: { tenant: Tenant }) {
  const { t } = useTranslation("finance");
  const [asked, setAsked] = useState(false);
  const { data } = api.useQuery("get", "/v1/tenants/{tenant_id}/balance", {
    params: { path: { tenant_id: tenant.id } },
  });
  return (
    <Section
      title={t("line.title")}
      aside={
        <Button
          size="compact-sm"
          variant="default"
          disabled={data === undefined}
          onClick={() => setAsked(true)}
        >
          {t("line.verb")}
        </Button>
      }
    >
      <p className={classes.amount}>
        <CreditAmount credits={data?.credit_line ?? 0} unit />
      </p>
      <p className={classes.quiet}>{t("line.text")}</p>
      {asked && data !== undefined && (
        <LineDialog tenant={tenant} balance={data} onClose={() => setAsked(false)} />
      )}
    </Section>
  );
}

/** Nothing leaves while it is frozen; what is booked already stays. */
function Freeze({ tenant }: { tenant: Tenant }) {
  const { t } = useTranslation("finance");
  const [asked, setAsked] = useState(false);
  const refresh = useRefresh();
  const act = tenant.status === "suspended" ? "unfreeze" : "freeze";
  const acting = useIntent(
    (reason: string, headers) => {
      const request = { params: { path: { tenant_id: tenant.id } }, body: { reason }, headers };
      return act === "freeze"
        ? client.POST("/v1/tenants/{tenant_id}/suspend", request)
        : client.POST("/v1/tenants/{tenant_id}/reactivate", request);
    },
    {
      onSuccess: async () => {
        await refresh("/v1/tenants");
        setAsked(false);
      },
    },
  );
  return (
    <Section
      title={t("freeze.title")}
      aside={
        <Button
          size="compact-sm"
          variant="default"
          data-tone={act === "freeze" ? "bad" : undefined}
          onClick={() => setAsked(true)}
        >
          {t(`freeze.${act}`)}
        </Button>
      }
    >
      <p className={classes.quiet}>{t(`freeze.text_${act}`)}</p>
      {asked && (
        <ReasonDialog
          title={t("freeze.of", { act: t(`freeze.${act}`), name: tenant.name })}
          text={t(`freeze.text_${act}`)}
          label={t("reason")}
          confirm={t(`freeze.${act}`)}
          danger={act === "freeze"}
          pending={acting.isPending}
          error={acting.error}
          onClose={() => setAsked(false)}
          onConfirm={(reason) => acting.mutate(reason)}
        />
      )}
    </Section>
  );
}
