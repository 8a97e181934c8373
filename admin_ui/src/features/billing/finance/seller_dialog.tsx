import { Button, NumberInput, Select, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { present } from "@/api/present";
import { fieldErrors } from "@/api/problem";
import { useIntent } from "@/api/use_intent";
import { useRefresh } from "@/api/use_pages";
import { CountrySelect } from "@/ui/country_select";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/states";
import type { LegalEntity } from "./finance";
import classes from "./finance.module.css";

const PAYMENT_DAYS_MAX = 90;

type Props = { entity: LegalEntity; onClose: () => void };

/** Documents already issued keep what stood on them. */
export function SellerDialog({ entity, onClose }: Props) {
  const { t } = useTranslation("finance");
  const { t: app } = useTranslation();
  const refresh = useRefresh();
  const { code, is_specimen: _, rates: __, ...before } = entity;
  const form = useForm({
    initialValues: {
      ...before,
      vat_id: before.vat_id ?? "",
      street: before.address_lines.join(", "),
    },
  });
  const saving = useIntent(
    async ({ street, ...fields }: typeof form.values) =>
      present(
        await client.PUT("/v1/legal-entities/{legal_entity}", {
          params: { path: { legal_entity: code } },
          body: {
            ...fields,
            vat_id: fields.vat_id.trim() || null,
            address_lines: street
              .split(",")
              .map((line) => line.trim())
              .filter((line) => line !== ""),
          },
        }),
      ),
    {
      onSuccess: async () => {
        await refresh("/v1/legal-entities");
        onClose();
      },
    },
  );
  const text = (
    field:
      | "name"
      | "street"
      | "postal_code"
      | "city"
      | "vat_id"
      | "registration"
      | "email"
      | "currency"
      | "time_zone"
      | "invoice_prefix"
      | "receipt_prefix"
      | "credit_note_prefix"
      | "bank_name"
      | "iban"
      | "bic",
  ) => <TextInput label={t(`seller_field.${field}`)} {...form.getInputProps(field)} />;
  return (
    <Dialog title={t("seller.edit_of", { name: entity.name })} onClose={onClose} size="lg">
      <form
        className={classes.form}
        noValidate
        onSubmit={form.onSubmit((fields) =>
          saving.mutate(fields, { onError: (problem) => form.setErrors(fieldErrors(problem)) }),
        )}
      >
        {text("name")}
        {text("street")}
        <div className={classes.pair}>
          {text("postal_code")}
          {text("city")}
          <CountrySelect label={t("prices.country")} {...form.getInputProps("country")} />
          {text("vat_id")}
          {text("registration")}
          {text("email")}
          {text("currency")}
          {text("time_zone")}
          <Select
            label={t("seller.tax_point")}
            allowDeselect={false}
            data={(["at_sale", "at_redemption"] as const).map((value) => ({
              value,
              label: t(`tax_point.${value}`),
            }))}
            {...form.getInputProps("tax_point")}
          />
          <NumberInput
            label={t("seller.payment_days")}
            min={0}
            max={PAYMENT_DAYS_MAX}
            allowDecimal={false}
            hideControls
            {...form.getInputProps("payment_days")}
          />
          {text("invoice_prefix")}
          {text("receipt_prefix")}
          {text("credit_note_prefix")}
          {text("bank_name")}
          {text("iban")}
          {text("bic")}
        </div>
        {saving.isError && <ErrorState error={saving.error} compact />}
        <div className={classes.actions}>
          <Button variant="default" onClick={onClose}>
            {app("confirm.cancel")}
          </Button>
          <Button type="submit" loading={saving.isPending}>
            {t("seller.save")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
