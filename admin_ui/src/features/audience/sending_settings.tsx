import { Button, Checkbox } from "@mantine/core";
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
import { CountriesSelect } from "@/ui/country_select";
import { rulesOf } from "@/ui/hours";
import { SendingFields } from "@/ui/hours_fields";
import { PageHeader, Section } from "@/ui/page_header";
import { ErrorState, PageSkeleton } from "@/ui/states";
import classes from "./audience.module.css";
import { LegalTable } from "./legal_table";

type Settings = components["schemas"]["SendingSettingsView"];

const SENDING_SETTINGS = "/v1/sending-settings";

/** What holds for recipients whose groups say nothing. */
export function SendingSettingsPage() {
  const { t } = useTranslation(["app", "targeting"]);
  const { data, error, refetch } = api.useQuery("get", SENDING_SETTINGS);
  if (data === undefined) {
    if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
    return <PageSkeleton />;
  }
  return (
    <>
      <PageHeader
        title={t("targeting:settings.title")}
        trail={[
          <Link key="settings" to="/settings">
            {t("settings.title")}
          </Link>,
          t("targeting:settings.title"),
        ]}
      />
      <Fields key={data.version} said={data} />
    </>
  );
}

function Fields({ said }: { said: Settings }) {
  const { t } = useTranslation("targeting");
  const refresh = useRefresh();
  const role = useSession()?.member_role;
  const mayEdit = role === "owner" || role === "manager";
  const [sending, setSending] = useState(() => rulesOf(said.sending));
  const [legal, setLegal] = useState(said.keeps_legal_hours);
  const [blocked, setBlocked] = useState(said.blocked_countries);
  const saving = useIntent(
    async (body: components["schemas"]["SendingSettingsUpdate"], headers) =>
      present(await client.PUT(SENDING_SETTINGS, { body, headers })),
    { onSuccess: () => refresh(SENDING_SETTINGS) },
  );
  return (
    <form
      className={classes.stack}
      onSubmit={(event) => {
        event.preventDefault();
        saving.mutate({
          version: said.version,
          sending,
          keeps_legal_hours: legal,
          blocked_countries: blocked,
        });
      }}
    >
      <fieldset className={classes.fieldset} disabled={!mayEdit}>
        <Section title={t("settings.hours")}>
          <div className={classes.form}>
            <Callout tone="info">{t("settings.defaults")}</Callout>
            <SendingFields value={sending} onChange={setSending} />
          </div>
        </Section>
        <Section title={t("settings.countries")}>
          <CountriesSelect
            label={t("settings.blocked")}
            description={t("settings.blocked_hint")}
            value={blocked}
            onChange={setBlocked}
          />
        </Section>
        <Section title={t("legal.title")}>
          <div className={classes.form}>
            <Checkbox
              label={t("settings.keeps_legal")}
              description={t("settings.keeps_legal_hint")}
              checked={legal}
              onChange={(event) => setLegal(event.currentTarget.checked)}
            />
            <Callout tone="warn">{t("legal.no_advice")}</Callout>
          </div>
          <LegalTable />
        </Section>
      </fieldset>
      {saving.isError && <ErrorState error={saving.error} compact safe={t("edit.kept")} />}
      {mayEdit && (
        <div className={classes.actions}>
          <Button type="submit" loading={saving.isPending}>
            {t("edit.save")}
          </Button>
        </div>
      )}
    </form>
  );
}
