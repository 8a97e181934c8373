import { Button, NumberInput, SegmentedControl, Select, Switch } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, client } from "@/api/client";
import { present } from "@/api/present";
import { fieldErrors } from "@/api/problem";
import { useIntent } from "@/api/use_intent";
import { useRefresh } from "@/api/use_pages";
import { formatInteger } from "@/ui/format";
import { Section } from "@/ui/page_header";
import { ErrorState } from "@/ui/states";
import {
  type Aim,
  type ReloadFields,
  reloadBody,
  reloadErrors,
  reloadFields,
} from "./auto_reload_fields";
import classes from "./auto_reload_page.module.css";
import type { AutoReload, Card } from "./billing";
import { cardName } from "./cards_section";
import { formatMoney, minorDigits } from "./money";

const CREDITS_MAX = 5_000_000;
const PURCHASE_CREDITS_MIN = 500;
const TYPING_PAUSE_MS = 250;

type Props = { setting: AutoReload | null; cards: readonly Card[] };

export function AutoReloadForm({ setting, cards }: Props) {
  const { t, i18n } = useTranslation("billing");
  const refresh = useRefresh();
  const form = useForm<ReloadFields>({ initialValues: reloadFields(setting, cards) });
  const { aim, credits } = form.values;
  const [asked] = useDebouncedValue(Number(credits), TYPING_PAUSE_MS);
  const priced = api.useQuery(
    "get",
    "/v1/credit-price",
    { params: { query: { credits: asked } } },
    {
      enabled: aim === "amount" && asked >= PURCHASE_CREDITS_MIN && asked <= CREDITS_MAX,
      placeholderData: keepPreviousData,
    },
  );
  const currency = setting?.currency ?? priced.data?.price.currency ?? "EUR";
  const saving = useIntent(
    async (fields: ReloadFields, headers) => {
      const body = reloadBody(fields, currency);
      if (body === null) throw new Error("incomplete");
      return present(await client.PUT("/v1/auto-reload", { body, headers }));
    },
    {
      onSuccess: async () => {
        form.resetDirty();
        await refresh("/v1/auto-reload", "/v1/cards");
      },
    },
  );
  const isReady = reloadBody(form.values, currency) !== null;
  const thousands = formatInteger(1_000, i18n.language).charAt(1);
  const creditField = {
    className: classes.numeric,
    allowDecimal: false,
    allowNegative: false,
    clampBehavior: "none" as const,
    min: 1,
    max: CREDITS_MAX,
    step: 500,
    thousandSeparator: thousands,
    suffix: ` ${t("buy.credits")}`,
  };
  return (
    <Section title={t("reload.title")}>
      <form
        noValidate
        className={classes.form}
        onSubmit={form.onSubmit((fields) =>
          saving.mutate(fields, {
            onError: (problem) => form.setErrors(reloadErrors(fieldErrors(problem))),
          }),
        )}
      >
        <p className={classes.quiet}>{t("reload.text")}</p>
        <Switch label={t("reload.is_on")} {...form.getInputProps("is_on", { type: "checkbox" })} />
        <NumberInput
          {...creditField}
          label={t("reload.threshold")}
          description={t("reload.threshold_hint")}
          inputWrapperOrder={["label", "input", "description", "error"]}
          {...form.getInputProps("threshold")}
        />
        <div>
          <SegmentedControl
            mb={10}
            size="xs"
            aria-label={t("reload.aim")}
            value={aim}
            onChange={(value) => form.setFieldValue("aim", value as Aim)}
            data={[
              { value: "amount", label: t("reload.aim_amount") },
              { value: "target", label: t("reload.aim_target") },
            ]}
          />
          <NumberInput
            {...creditField}
            label={aim === "amount" ? t("reload.amount") : t("reload.target")}
            {...form.getInputProps("credits")}
          />
        </div>
        {aim === "amount" && priced.data !== undefined && (
          <p className={classes.price} aria-live="polite">
            {t("reload.each", {
              amount: formatMoney(
                priced.data.price.gross_minor,
                priced.data.price.currency,
                i18n.language,
              ),
            })}
          </p>
        )}
        <div className={classes.pair}>
          <NumberInput
            className={classes.numeric}
            label={t("reload.cap")}
            description={t("reload.cap_hint")}
            inputWrapperOrder={["label", "input", "description", "error"]}
            min={0}
            allowNegative={false}
            clampBehavior="none"
            decimalScale={minorDigits(currency)}
            thousandSeparator={thousands}
            decimalSeparator={(1.5).toLocaleString(i18n.language).charAt(1)}
            suffix={` ${currency}`}
            step={100}
            {...form.getInputProps("cap")}
          />
          <Select
            label={t("reload.card")}
            placeholder={t("reload.no_card")}
            allowDeselect={false}
            disabled={cards.length === 0}
            description={cards.length === 0 ? t("reload.save_first") : undefined}
            inputWrapperOrder={["label", "input", "description", "error"]}
            data={cards.map((card) => ({ value: card.id, label: cardName(card) }))}
            {...form.getInputProps("card")}
          />
        </div>
        {saving.isError && <ErrorState error={saving.error} safe={t("reload.not_saved")} compact />}
        <div className={classes.actions}>
          <span aria-live="polite">
            {saving.isSuccess && !form.isDirty() ? t("reload.saved") : ""}
          </span>
          <Button
            type="submit"
            loading={saving.isPending}
            disabled={!isReady}
            title={isReady ? undefined : t("reload.incomplete")}
          >
            {t("reload.save")}
          </Button>
        </div>
      </form>
    </Section>
  );
}
