import { Button, Select, Textarea, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { present } from "@/api/present";
import { fieldErrors, type Problem } from "@/api/problem";
import { useIntent } from "@/api/use_intent";
import { useRefresh } from "@/api/use_pages";
import { Callout } from "@/ui/callout";
import { CountrySelect } from "@/ui/country_select";
import { Section } from "@/ui/page_header";
import { ErrorState, NoPermission, PageSkeleton } from "@/ui/states";
import { type BillingProfile, usePays } from "./billing";
import { BillingFrame } from "./billing_frame";
import { bodyOf, EMPTY_PROFILE, type ProfileFields, profileFields } from "./profile_form";
import classes from "./profile_page.module.css";
import { profileQuery } from "./settings_queries";
import { VatCheck } from "./vat_check";

const CURRENCIES = ["EUR", "NOK", "SEK", "DKK", "GBP", "USD", "CHF", "PLN"];

export function ProfilePage() {
  const { t } = useTranslation("billing");
  const { data, error, refetch } = useQuery(profileQuery);
  if (!usePays()) return <NoPermission grantedBy={t("granted_by")} />;
  return (
    <BillingFrame>
      {data !== undefined && <ProfileForm profile={data} />}
      {data === undefined && error !== null && (
        <ErrorState error={error} onRetry={() => void refetch()} />
      )}
      {data === undefined && error === null && <PageSkeleton />}
    </BillingFrame>
  );
}

function ProfileForm({ profile }: { profile: BillingProfile | null }) {
  const { t, i18n } = useTranslation("billing");
  const refresh = useRefresh();
  // What is read again later is not what stands in the fields.
  const [version, setVersion] = useState(profile?.version ?? 0);
  const needed = (text: string | null) =>
    (text ?? "").trim() === "" ? i18n.t("billing:profile.needed") : null;
  const form = useForm<ProfileFields>({
    initialValues: profile === null ? EMPTY_PROFILE : profileFields(profile),
    validate: {
      company_name: needed,
      address: needed,
      city: needed,
      country: needed,
      email: needed,
    },
  });
  const saving = useIntent(
    async (fields: ProfileFields, headers) =>
      present(
        await client.PUT("/v1/billing-profile", {
          body: bodyOf(fields, version),
          headers,
        }),
      ),
    {
      onSuccess: async (saved) => {
        setVersion(saved.version);
        form.setValues(profileFields(saved));
        form.resetDirty(profileFields(saved));
        await refresh("/v1/billing-profile", "/v1/credit-p");
      },
    },
  );
  return (
    <form
      noValidate
      className={classes.columns}
      onSubmit={form.onSubmit((fields) =>
        saving.mutate(fields, { onError: (problem) => form.setErrors(formErrors(problem)) }),
      )}
    >
      <Section title={t("profile.who")}>
        <div className={classes.fields}>
          <TextInput
            label={t("profile.company")}
            autoComplete="organization"
            maxLength={200}
            {...form.getInputProps("company_name")}
          />
          <Textarea
            label={t("profile.address")}
            description={t("profile.address_hint")}
            inputWrapperOrder={["label", "input", "description", "error"]}
            autoComplete="street-address"
            autosize
            minRows={2}
            maxRows={4}
            {...form.getInputProps("address")}
          />
          <div className={classes.pair}>
            <TextInput
              label={t("profile.postal_code")}
              autoComplete="postal-code"
              maxLength={20}
              {...form.getInputProps("postal_code")}
            />
            <TextInput
              label={t("profile.city")}
              autoComplete="address-level2"
              maxLength={100}
              {...form.getInputProps("city")}
            />
          </div>
          <CountrySelect
            label={t("profile.country")}
            clearable={false}
            {...form.getInputProps("country")}
          />
          <TextInput
            label={t("profile.email")}
            description={t("profile.email_hint")}
            inputWrapperOrder={["label", "input", "description", "error"]}
            type="email"
            autoComplete="email"
            {...form.getInputProps("email")}
          />
        </div>
      </Section>
      <div className={classes.stack}>
        <Section title={t("profile.tax")}>
          <div className={classes.fields}>
            <TextInput
              label={t("profile.vat_id")}
              description={t("profile.vat_hint")}
              inputWrapperOrder={["label", "input", "description", "error"]}
              maxLength={30}
              {...form.getInputProps("vat_id")}
            />
            {profile !== null && <VatCheck profile={profile} typed={form.values.vat_id} />}
          </div>
        </Section>
        <Section title={t("profile.paper")}>
          <div className={classes.fields}>
            <Select
              label={t("profile.currency")}
              allowDeselect={false}
              data={[...new Set([...CURRENCIES, form.values.currency])]}
              {...form.getInputProps("currency")}
            />
            <TextInput
              label={t("profile.reference")}
              description={t("profile.reference_hint")}
              inputWrapperOrder={["label", "input", "description", "error"]}
              maxLength={100}
              {...form.getInputProps("purchase_reference")}
            />
            {profile?.terms === "postpaid" && (
              <Callout tone="info" title={t("profile.postpaid")}>
                {t("profile.postpaid_text")}
              </Callout>
            )}
          </div>
        </Section>
        {saving.isError && (
          <ErrorState error={saving.error} safe={t("profile.not_saved")} compact />
        )}
        <div className={classes.actions}>
          <span aria-live="polite">
            {saving.isSuccess && !form.isDirty() ? t("profile.saved") : ""}
          </span>
          {saving.isSuccess && <Link to="/credits/buy">{t("buy.action")}</Link>}
          <Button type="submit" loading={saving.isPending}>
            {t("profile.save")}
          </Button>
        </div>
      </div>
    </form>
  );
}

/** The server names the lines one by one; here they are one field. */
function formErrors(problem: Problem): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fieldErrors(problem)).map(([field, message]) => [
      field.startsWith("address_lines") ? "address" : field,
      message,
    ]),
  );
}
