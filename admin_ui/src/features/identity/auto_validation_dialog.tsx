import { Button, NumberInput, TagsInput, Textarea } from "@mantine/core";
import { type UseFormReturnType, useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { present } from "@/api/present";
import { fieldErrors } from "@/api/problem";
import { useIntent } from "@/api/use_intent";
import { useRefresh } from "@/api/use_pages";
import { CountriesSelect } from "@/ui/country_select";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/states";
import classes from "./settings.module.css";
import type { Tenant } from "./tenant_page";

type Fields = {
  recipients_max: number | string;
  countries: string[];
  hosts: string[];
  reason: string;
};
type Props = { tenant: Tenant; withdraws: boolean; onClose: () => void };

const REASON_CHARACTERS_MIN = 3;
const RECIPIENTS_MAX = 10_000_000;
const FIRST_RECIPIENTS_MAX = 1_000;

/** The privilege is its bounds: whatever leaves them queues like anybody's. */
export function AutoValidationDialog({ tenant, withdraws, onClose }: Props) {
  const { t } = useTranslation();
  const refresh = useRefresh();
  const now = tenant.auto_validation;
  const form = useForm<Fields>({
    initialValues: {
      recipients_max: now?.recipients_max ?? FIRST_RECIPIENTS_MAX,
      countries: now?.countries ?? (tenant.default_country ? [tenant.default_country] : []),
      hosts: now?.hosts ?? [],
      reason: "",
    },
    validate: {
      recipients_max: (most) =>
        withdraws || Number(most) > 0 ? null : t("tenants.recipients_needed"),
      countries: (codes) => (withdraws || codes.length > 0 ? null : t("tenants.countries_needed")),
      reason: (reason) =>
        reason.trim().length < REASON_CHARACTERS_MIN ? t("tenants.reason_needed") : null,
    },
  });
  const saving = useIntent(
    async ({ reason, recipients_max, countries, hosts }: Fields, headers) =>
      present(
        await client.PUT("/v1/tenants/{tenant_id}/auto-validation", {
          params: { path: { tenant_id: tenant.id } },
          body: {
            bounds: withdraws ? null : { recipients_max: Number(recipients_max), countries, hosts },
            reason: reason.trim(),
          },
          headers,
        }),
      ),
    {
      onSuccess: async () => {
        await refresh("/v1/tenants");
        onClose();
      },
    },
  );

  function submit(fields: Fields) {
    saving.mutate(fields, {
      onError: (problem) =>
        form.setErrors(
          Object.fromEntries(
            Object.entries(fieldErrors(problem)).map(([field, message]) => [
              field.replace(/^bounds\./, "").replace(/\.\d+$/, ""),
              message,
            ]),
          ),
        ),
    });
  }

  return (
    <Dialog
      onClose={onClose}
      title={t(withdraws ? "tenants.auto_withdraw_of" : "tenants.auto_of", { name: tenant.name })}
    >
      <form className={classes.form} noValidate onSubmit={form.onSubmit(submit)}>
        <p style={{ margin: 0 }}>
          {withdraws ? t("tenants.auto_withdraw_text") : t("tenants.auto_text")}
        </p>
        {!withdraws && <Bounds form={form} />}
        <Textarea
          label={t("tenants.reason")}
          placeholder={t("tenants.auto_example")}
          autosize
          minRows={2}
          maxLength={500}
          {...form.getInputProps("reason")}
        />
        {saving.isError && <ErrorState error={saving.error} compact />}
        <div className={classes.actions}>
          <Button variant="default" onClick={onClose}>
            {t("confirm.cancel")}
          </Button>
          <Button
            type="submit"
            data-tone={withdraws ? "bad" : undefined}
            loading={saving.isPending}
          >
            {withdraws ? t("tenants.auto_withdraw") : t("tenants.auto_save")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function Bounds({ form }: { form: Pick<UseFormReturnType<Fields>, "getInputProps"> }) {
  const { t } = useTranslation();
  return (
    <>
      <NumberInput
        label={t("tenants.recipients_max")}
        description={t("tenants.recipients_hint")}
        inputWrapperOrder={["label", "input", "description", "error"]}
        min={1}
        max={RECIPIENTS_MAX}
        allowDecimal={false}
        allowNegative={false}
        thousandSeparator=" "
        hideControls
        data-autofocus
        {...form.getInputProps("recipients_max")}
      />
      <CountriesSelect label={t("tenants.countries")} {...form.getInputProps("countries")} />
      <TagsInput
        label={t("tenants.hosts")}
        description={t("tenants.hosts_hint")}
        inputWrapperOrder={["label", "input", "description", "error"]}
        placeholder="shop.example"
        splitChars={[",", " ", ";"]}
        maxTags={100}
        {...form.getInputProps("hosts")}
      />
    </>
  );
}
