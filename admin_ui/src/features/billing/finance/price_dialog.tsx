import { NumberInput, Select, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";

import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { present } from "@/api/present";
import { useIntent } from "@/api/use_intent";
import { useRefresh } from "@/api/use_pages";
import { CountrySelect } from "@/ui/country_select";
import { Dialog } from "@/ui/dialog";

import { startOf } from "./days";
import classes from "./finance.module.css";
import { FormEnd, FormRows, ReasonField } from "./form_parts";

const CHANGES_MAX = 50;
const CREDITS_MAX = 1_000;

type Change = { country: string; channel: "sms" | "mms"; credits: number | string };
type Fields = { from: string; changes: Change[]; reason: string };

const NO_CHANGE: Change = { country: "", channel: "sms", credits: "" };

/** Only what differs from the newest list; credits left empty take the country out of it. */
export function PriceDialog({ base, onClose }: { base: number; onClose: () => void }) {
  const { t } = useTranslation("finance");
  const refresh = useRefresh();
  const form = useForm<Fields>({
    initialValues: { from: "", changes: [NO_CHANGE], reason: "" },
    validate: {
      reason: (value) => (value.trim() === "" ? t("needed") : null),
      changes: { country: (value) => (value === "" ? t("needed") : null) },
    },
  });
  const proposing = useIntent(
    async ({ from, changes, reason }: Fields, headers) =>
      present(
        await client.POST("/v1/price-proposals", {
          body: {
            base_version: base,
            effective_from: startOf(from) ?? null,
            changes: changes.map(({ credits, ...where }) => ({
              ...where,
              credits: credits === "" ? null : Number(credits),
            })),
            reason: reason.trim(),
          },
          headers,
        }),
      ),
    {
      onSuccess: async () => {
        await refresh("/v1/price-proposals", "/v1/finance");
        onClose();
      },
    },
  );
  return (
    <Dialog onClose={onClose} title={t("prices.propose_list")} size="lg">
      <form
        className={classes.form}
        noValidate
        onSubmit={form.onSubmit((fields) => proposing.mutate(fields))}
      >
        <p>{t("prices.base", { version: base })}</p>
        <FormRows
          legend={t("prices.changes")}
          count={form.values.changes.length}
          most={CHANGES_MAX}
          rowClass={classes.change}
          add={t("prices.add_change")}
          onAdd={() => form.insertListItem("changes", NO_CHANGE)}
          onRemove={(at) => form.removeListItem("changes", at)}
          fields={(at) => (
            <>
              <CountrySelect
                label={t("prices.country")}
                {...form.getInputProps(`changes.${at}.country`)}
              />
              <Select
                label={t("prices.channel")}
                allowDeselect={false}
                data={[
                  { value: "sms" as const, label: "SMS" },
                  { value: "mms" as const, label: "MMS" },
                ]}
                {...form.getInputProps(`changes.${at}.channel`)}
              />
              <NumberInput
                className={classes.numeric}
                label={t("amount")}
                placeholder={t("prices.not_sold")}
                min={1}
                max={CREDITS_MAX}
                allowDecimal={false}
                hideControls
                {...form.getInputProps(`changes.${at}.credits`)}
              />
            </>
          )}
        />
        <TextInput
          label={t("prices.from")}
          description={t("prices.from_hint")}
          type="date"
          {...form.getInputProps("from")}
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
