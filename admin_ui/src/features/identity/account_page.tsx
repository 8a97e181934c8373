import { Button, SegmentedControl, useMantineColorScheme } from "@mantine/core";
import { useRouter } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { type Session, useSession, useSwitchTenant } from "@/api/session";
import { chooseLanguage, LANGUAGES, type Language, languageOfWords } from "@/i18n";
import { Avatar } from "@/ui/avatar";
import { PageHeader, Section } from "@/ui/page_header";
import { ErrorState } from "@/ui/states";
import { StatusPill, Tag } from "@/ui/status_pill";
import classes from "./account_page.module.css";
import { SecondFactors } from "./second_factors";
import { SecurityEvents } from "./security_events";

const LANGUAGE_NAMES: Record<Language, string> = { en: "English", fr: "Français" };

export function AccountPage() {
  const { t } = useTranslation();
  const session = useSession();
  if (session === null) return null;
  return (
    <div className={classes.page}>
      <PageHeader title={t("account.title")} />
      <Who session={session} />
      <SecondFactors />
      <SecurityEvents />
      <Tenants session={session} />
      <Preferences />
    </div>
  );
}

function Who({ session: { account, tenant, member_role, staff_roles } }: { session: Session }) {
  const { t } = useTranslation();
  return (
    <Section title={t("account.you")}>
      <dl className={classes.facts}>
        <dt>{t("account.name")}</dt>
        <dd>{account.name}</dd>
        <dt>{t("account.email")}</dt>
        <dd>{account.email}</dd>
        <dt>{t("account.tenant")}</dt>
        <dd>
          {tenant?.name ?? t("account.no_tenant")}{" "}
          {tenant !== null && tenant.status !== "active" && (
            <StatusPill tone="warn">
              {t(`tenant_status.${tenant.status as "trial"}`, { defaultValue: tenant.status })}
            </StatusPill>
          )}
        </dd>
        <dt>{t("account.roles")}</dt>
        <dd className={classes.roles}>
          {member_role !== null && <Tag tone="accent">{t(`role.${member_role}`)}</Tag>}
          {staff_roles.map((role) => (
            <Tag key={role}>{t(`role.${role}`)}</Tag>
          ))}
        </dd>
      </dl>
    </Section>
  );
}

function Tenants({ session: { tenants, tenant } }: { session: Session }) {
  const { t } = useTranslation();
  const router = useRouter();
  const switching = useSwitchTenant({ onSuccess: () => router.invalidate() });
  if (tenants.length < 2) return null;
  return (
    <Section title={t("account.tenants")}>
      <ul className={classes.tenants}>
        {tenants.map(({ id, name, role }) => (
          <li key={id}>
            <Avatar name={name} square />
            <span>
              <strong>{name}</strong>
              <span>{t(`role.${role}`)}</span>
            </span>
            {id !== tenant?.id && (
              <Button
                variant="default"
                loading={switching.isPending && switching.variables === id}
                onClick={() => switching.mutate(id)}
              >
                {t("account.switch")}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {switching.isError && (
        <ErrorState error={switching.error} safe={t("account.switching_failed")} compact />
      )}
    </Section>
  );
}

function Preferences() {
  const { t } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Section title={t("account.preferences")} aside={t("account.preferences_hint")}>
      <dl className={classes.facts}>
        <dt id="appearance">{t("account.appearance")}</dt>
        <dd>
          <SegmentedControl
            aria-labelledby="appearance"
            value={colorScheme}
            onChange={(value) => setColorScheme(value as typeof colorScheme)}
            data={[
              { value: "auto", label: t("account.appearance_auto") },
              { value: "light", label: t("account.appearance_light") },
              { value: "dark", label: t("account.appearance_dark") },
            ]}
          />
        </dd>
        <dt id="language">{t("account.language")}</dt>
        <dd>
          <SegmentedControl
            aria-labelledby="language"
            value={languageOfWords()}
            onChange={(value) => {
              const language = value as Language;
              void chooseLanguage(language);
              // The pages follow this browser, the mails follow the account.
              void client.PUT("/v1/account/language", { body: { language } }).catch(() => null);
            }}
            data={LANGUAGES.map((value) => ({ value, label: LANGUAGE_NAMES[value] }))}
          />
        </dd>
      </dl>
    </Section>
  );
}
