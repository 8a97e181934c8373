import { Button } from "@mantine/core";
import { IconAlertTriangle, IconPhoneCheck, IconShieldCheck } from "@tabler/icons-react";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { useSession } from "@/api/session";
import { countryName, languageName } from "@/ui/countries";
import { Facts, Note } from "@/ui/facts";
import { formatInteger } from "@/ui/format";
import { PageHeader, Section } from "@/ui/page_header";
import { RelativeTime } from "@/ui/relative_time";
import { ErrorState, PageSkeleton } from "@/ui/states";
import { StatusPill } from "@/ui/status_pill";
import { TenantStatusPill } from "@/ui/tenant_status_pill";
import { AutoValidationDialog } from "./auto_validation_dialog";
import { NumberDialog } from "./number_dialog";
import classes from "./settings.module.css";
import { TenantSending } from "./tenant_sending";
import { TenantTrust } from "./tenant_trust";

export type Tenant = components["schemas"]["TenantView"];

const route = getRouteApi("/shell/tenants/$tenantId");

export function TenantPage() {
  const { tenantId } = route.useParams();
  const { data, error, refetch } = api.useQuery("get", "/v1/tenants/{tenant_id}", {
    params: { path: { tenant_id: tenantId } },
  });
  if (data !== undefined) return <Opened tenant={data} />;
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  return <PageSkeleton />;
}

function Opened({ tenant }: { tenant: Tenant }) {
  const { t, i18n } = useTranslation();
  const rights = useStaffRights();
  return (
    <>
      <PageHeader
        title={tenant.name}
        state={<TenantStatusPill status={tenant.status} />}
        trail={[
          <Link key="tenants" to="/tenants">
            {t("tenants.title")}
          </Link>,
          tenant.name,
        ]}
      />
      <div className={classes.columns}>
        <Section title={t("tenants.about")}>
          <Facts
            facts={[
              {
                label: t("tenants.country"),
                value: tenant.default_country && countryName(tenant.default_country, i18n.language),
              },
              { label: t("account.language"), value: languageName(tenant.language, i18n.language) },
              { label: t("tenants.since"), value: <RelativeTime at={tenant.created_at} /> },
              ...(tenant.trial_ends_at === null
                ? []
                : [
                    {
                      label: t("tenants.trial_ends"),
                      value: <RelativeTime at={tenant.trial_ends_at} />,
                    },
                  ]),
            ]}
          />
        </Section>
        <TenantSending tenant={tenant} leads={rights.trust} />
        <VerifiedNumber tenant={tenant} />
        <AutoValidation tenant={tenant} />
        {rights.moderate && <TenantTrust tenantId={tenant.id} />}
      </div>
    </>
  );
}

/** The authorization table of the API, as far as buttons depend on it; the server decides again. */
function useStaffRights() {
  const roles = useSession()?.staff_roles ?? [];
  const leads = roles.includes("lead") || roles.includes("admin");
  const moderate = roles.includes("moderator") || roles.includes("lead");
  return { verify: leads || moderate, trust: leads, moderate };
}

function VerifiedNumber({ tenant }: { tenant: Tenant }) {
  const { t } = useTranslation();
  const rights = useStaffRights();
  const [asked, setAsked] = useState(false);
  return (
    <Section title={t("tenants.number")}>
      {tenant.verified_phone === null ? (
        <Note tone="warn" icon={<IconAlertTriangle size={17} aria-hidden />}>
          {t("tenants.not_verified_text")}
        </Note>
      ) : (
        <Facts
          facts={[
            {
              label: t("tenants.phone"),
              value: <span className="mono">{tenant.verified_phone}</span>,
            },
            { label: t("tenants.verified_reason"), value: tenant.verified_reason },
          ]}
        />
      )}
      {rights.verify && (
        <div className={classes.sectionActions}>
          <Button
            variant="default"
            leftSection={<IconPhoneCheck size={16} aria-hidden />}
            onClick={() => setAsked(true)}
          >
            {tenant.verified_phone === null ? t("tenants.verify") : t("tenants.verify_other")}
          </Button>
        </div>
      )}
      {asked && <NumberDialog tenant={tenant} onClose={() => setAsked(false)} />}
    </Section>
  );
}

function AutoValidation({ tenant }: { tenant: Tenant }) {
  const { t, i18n } = useTranslation();
  const rights = useStaffRights();
  const [asked, setAsked] = useState<"grant" | "withdraw" | null>(null);
  const bounds = tenant.auto_validation;
  const countries = bounds?.countries.map((code) => countryName(code, i18n.language)) ?? [];
  return (
    <Section
      title={t("tenants.auto")}
      aside={
        bounds === null ? (
          <StatusPill tone="idle">{t("tenants.auto_none")}</StatusPill>
        ) : (
          <StatusPill tone="ok">{t("tenants.auto_on")}</StatusPill>
        )
      }
    >
      {bounds === null ? (
        <p style={{ margin: 0 }}>{t("tenants.auto_none_text")}</p>
      ) : (
        <Facts
          facts={[
            {
              label: t("tenants.recipients_max"),
              value: formatInteger(bounds.recipients_max, i18n.language),
            },
            { label: t("tenants.countries"), value: countries.join(", ") },
            {
              label: t("tenants.hosts"),
              value: bounds.hosts?.length ? bounds.hosts.join(", ") : t("tenants.no_links"),
            },
          ]}
        />
      )}
      {tenant.auto_validation_lost_reason !== null && (
        <div style={{ marginTop: 12 }}>
          <Note tone="warn" icon={<IconAlertTriangle size={17} aria-hidden />}>
            {t("tenants.auto_lost", { reason: tenant.auto_validation_lost_reason })}
          </Note>
        </div>
      )}
      {rights.trust && (
        <div className={classes.sectionActions}>
          <Button
            variant="default"
            leftSection={<IconShieldCheck size={16} aria-hidden />}
            onClick={() => setAsked("grant")}
          >
            {bounds === null ? t("tenants.auto_grant") : t("tenants.auto_change")}
          </Button>
          {bounds !== null && (
            <Button variant="default" data-tone="bad" onClick={() => setAsked("withdraw")}>
              {t("tenants.auto_withdraw")}
            </Button>
          )}
        </div>
      )}
      {asked !== null && (
        <AutoValidationDialog
          tenant={tenant}
          withdraws={asked === "withdraw"}
          onClose={() => setAsked(null)}
        />
      )}
    </Section>
  );
}
