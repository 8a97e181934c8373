import { NumberInput, Select, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";

import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { present } from "@/api/present";
import { useIntent } from "@/api/use_intent";
import { useRefresh } from "@/api/use_pages";
import { Dialog } from "@/ui/dialog";

import { dayOf, daysBefore, startOf } from "./days";
import type { Tariff } from "./finance";
import classes from "./finance.module.css";
import { FormEnd, FormRows, ReasonField } from "./form_parts";
import { type TypedTier, tiersOf, typedOf } from "./tariff_form";

const TIERS_MAX = 20;
const CURRENCIES = ["EUR", "NOK", "SEK", "DKK", "GBP", "USD"];

type Fields = { currency: string; from: string; tiers: TypedTier[]; reason: string };
type Props = { before: Tariff | undefined; onClose: () => void };

/** From a day on credits cost this; nobody sees it before a second person approved it. */
export function TariffDialog({ before, onClose }: Props) {
  const { t } = useTranslation("finance");
  const refresh = useRefresh();
  const form = useForm<Fields>({
    initialValues: {
      currency: before?.currency ?? "EUR",
      from: daysBefore(dayOf(new Date()), -1),
      tiers: before === undefined ? [{ from: 1, price: "" }] : typedOf(before.tiers),
      reason: "",
    },
    validate: {
      from: (value) => (startOf(value) === undefined ? t("needed") : null),
      reason: (value) => (value.trim() === "" ? t("needed") : null),
      tiers: (tiers) => (tiersOf(tiers) === null ? t("prices.tiers_wrong") : null),
    },
  });
  const proposing = useIntent(
    async ({ currency, from, tiers, reason }: Fields, headers) =>
      present(
        await client.POST("/v1/tariffs", {
          body: {
            currency,
            effective_from: startOf(from) ?? from,
            tiers: tiersOf(tiers) ?? [],
            reason: reason.trim(),
          },
          headers,
        }),
      ),
    {
      onSuccess: async () => {
        await refresh("/v1/tariffs", "/v1/finance");
        onClose();
      },
    },
  );
  return (
    <Dialog onClose={onClose} title={t("prices.propose")}>
      <form
        className={classes.form}
        noValidate
        onSubmit={form.onSubmit((fields) => proposing.mutate(fields))}
      >
        <div className={classes.pair}>
          <Select
            label={t("prices.currency")}
            allowDeselect={false}
            data={CURRENCIES}
            {...form.getInputProps("currency")}
          />
          <TextInput label={t("prices.from")} type="date" {...form.getInputProps("from")} />
        </div>
        <FormRows
          legend={t("prices.tiers")}
          count={form.values.tiers.length}
          most={TIERS_MAX}
          rowClass={classes.tier}
          add={t("prices.add_tier")}
          onAdd={() => form.insertListItem("tiers", { from: "", price: "" })}
          onRemove={(at) => form.removeListItem("tiers", at)}
          error={form.errors.tiers}
          fields={(at) => (
            <>
              <NumberInput
                className={classes.numeric}
                label={t("prices.from_credits")}
                min={1}
                allowDecimal={false}
                thousandSeparator=" "
                hideControls
                {...form.getInputProps(`tiers.${at}.from`)}
              />
              <TextInput
                label={t("prices.per_credit")}
                inputMode="decimal"
                {...form.getInputProps(`tiers.${at}.price`)}
              />
            </>
          )}
        />
        <ReasonField {...form.getInputProps("reason")} />
        <FormEnd
          verb={t("ask_second_person")}
          pending={proposing.isPending}
          error={proposing.error}
          onClose={onClose}
        />
      </form>
    </Dialog>
  );
}
