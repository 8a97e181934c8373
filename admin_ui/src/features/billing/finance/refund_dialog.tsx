import { Button, NumberInput, Select, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { IconUsers } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { present } from "@/api/present";
import { fieldErrors, type Problem } from "@/api/problem";
import { useIntent } from "@/api/use_intent";
import { useRefresh } from "@/api/use_pages";
import { CreditAmount } from "@/ui/credit_amount";
import { Dialog } from "@/ui/dialog";
import { Note } from "@/ui/facts";
import { formatDay } from "@/ui/format";
import { ErrorState } from "@/ui/states";
import type { Tenant } from "../billing";
import { minorOf } from "../money";
import { MoneyAmount } from "./cells";
import { SINGLE_CLERK_CREDITS_MAX } from "./finance";
import classes from "./finance.module.css";
import { ReasonField } from "./form_parts";
import { leftOf, type Refundable, shareMinor, useRefundables, useUnspent } from "./refundable";
import { Waiting } from "./top_up_dialog";

type Fields = { source: string; credits: number | string; money: string; reason: string };
type Props = { tenant: Pick<Tenant, "id" | "name">; source?: string; onClose: () => void };

const CURRENCY = "EUR";

/** Money back for what nobody has used yet: by Stripe for a purchase, by transfer for a top-up. */
export function RefundDialog({ tenant, source = "", onClose }: Props) {
  const { t, i18n } = useTranslation("finance");
  const { t: app } = useTranslation();
  const refundables = useRefundables(tenant.id);
  const form = useForm<Fields>({
    initialValues: { source, credits: "", money: "", reason: "" },
    validate: {
      source: (value) => (value === "" ? t("needed") : null),
      credits: (value) => (Number(value) > 0 ? null : t("amount_needed")),
      money: (value, values) =>
        values.source.startsWith("purchase:") || (minorOf(value, CURRENCY) ?? 0) > 0
          ? null
          : t("refund.money_needed"),
      reason: (value) => (value.trim() === "" ? t("needed") : null),
    },
  });
  const chosen = refundables?.find(({ id }) => id === form.values.source);
  const unspent = useUnspent(tenant.id, chosen?.id);
  const creating = useRefunding(tenant.id, onClose);
  const credits = Number(form.values.credits) || 0;
  const needsTwo = credits > SINGLE_CLERK_CREDITS_MAX;

  if (creating.data?.state === "requested") {
    return (
      <Dialog onClose={onClose} title={t("refund.of", { name: tenant.name })}>
        <Waiting amount={creating.data.credits} onClose={onClose} />
      </Dialog>
    );
  }
  const label = (one: Refundable) =>
    `${formatDay(new Date(one.at), i18n.language)} · ${one.name} · ${app("credits.amount", {
      count: one.credits,
      amount: one.credits.toLocaleString(i18n.language),
    })}`;
  return (
    <Dialog onClose={onClose} title={t("refund.of", { name: tenant.name })}>
      <form
        className={classes.form}
        noValidate
        onSubmit={form.onSubmit((fields) =>
          creating.mutate(fields, { onError: (problem) => form.setErrors(errorsOf(problem)) }),
        )}
      >
        <Select
          label={t("refund.which")}
          placeholder={t("refund.choose")}
          nothingFoundMessage={t("refund.nothing")}
          disabled={refundables === undefined}
          allowDeselect={false}
          data-autofocus
          data={(refundables ?? []).map((one) => ({ value: one.id, label: label(one) }))}
          {...form.getInputProps("source")}
        />
        {chosen !== undefined && <Left of={chosen} unspent={unspent} problem={creating.error} />}
        <div className={classes.pair}>
          <NumberInput
            className={classes.numeric}
            label={t("amount")}
            min={1}
            allowDecimal={false}
            allowNegative={false}
            thousandSeparator=" "
            hideControls
            {...form.getInputProps("credits")}
          />
          {chosen?.kind === "top_up" && (
            <TextInput
              label={t("refund.money_in", { currency: CURRENCY })}
              inputMode="decimal"
              {...form.getInputProps("money")}
            />
          )}
        </div>
        <ReasonField placeholder={t("refund.reason_example")} {...form.getInputProps("reason")} />
        {chosen !== undefined && credits > 0 && <Returned of={chosen} credits={credits} />}
        {needsTwo && (
          <Note tone="warn" icon={<IconUsers size={17} aria-hidden />}>
            {t("refund.two_people")}
          </Note>
        )}
        {creating.isError && (
          <ErrorState error={creating.error} safe={t("refund.nothing_left")} compact />
        )}
        <div className={classes.actions}>
          <Button variant="default" onClick={onClose}>
            {app("confirm.cancel")}
          </Button>
          <Button type="submit" loading={creating.isPending} data-tone="bad">
            {needsTwo ? t("ask_second_person") : t("refund.verb")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

type LeftProps = { of: Refundable; unspent: number | undefined; problem: Problem | null };

function Left({ of, unspent, problem }: LeftProps) {
  const { t } = useTranslation("finance");
  // What the ledger said when it refused is newer than what the list knows.
  const told = problem?.code === "refund_exceeds_unspent" ? Number(problem.facts.unspent) : null;
  return (
    <p role="status">
      {t("refund.at_most")} <CreditAmount credits={told ?? unspent ?? leftOf(of)} unit />{" "}
      <span className={classes.quiet}>{t("refund.only_unspent")}</span>
    </p>
  );
}

function Returned({ of, credits }: { of: Refundable; credits: number }) {
  const { t } = useTranslation("finance");
  const money = shareMinor(of, credits);
  return (
    <div className={classes.effect} role="status">
      <span>{t("refund.effect")}</span>
      <strong>
        <CreditAmount credits={-credits} unit />
      </strong>
      {money !== null && of.currency !== null && (
        <strong>
          <MoneyAmount minor={money} currency={of.currency} />
        </strong>
      )}
    </div>
  );
}

function useRefunding(tenant_id: string, onDone: () => void) {
  const refresh = useRefresh();
  return useIntent(
    async ({ source, credits, money, reason }: Fields, headers) => {
      const [kind, id = ""] = source.split(":");
      const isPurchase = kind === "purchase";
      return present(
        await client.POST("/v1/tenants/{tenant_id}/refunds", {
          params: { path: { tenant_id } },
          body: {
            credits: Number(credits),
            reason: reason.trim(),
            amount_minor: isPurchase ? null : minorOf(money, CURRENCY),
            currency: isPurchase ? null : CURRENCY,
            purchase_id: isPurchase ? id : null,
            top_up_id: isPurchase ? null : id,
          },
          headers,
        }),
      );
    },
    {
      onSuccess: async (refund) => {
        await refresh("/v1/tenants", "/v1/refunds", "/v1/finance");
        if (refund.state !== "requested") onDone();
      },
    },
  );
}

function errorsOf(problem: Problem): Record<string, string> {
  const { amount_minor, ...rest } = fieldErrors(problem);
  return amount_minor === undefined ? rest : { ...rest, money: amount_minor };
}
