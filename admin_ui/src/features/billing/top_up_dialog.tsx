import { Button, Checkbox, NumberInput, Select, Textarea, TextInput } from "@mantine/core";
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
import { ErrorState } from "@/ui/states";
import type { Balance, Tenant, TopUp } from "./billing";
import classes from "./billing.module.css";
import { Effect } from "./effect";

const TOP_UP_CREDITS_MAX = 10_000_000;
// backend/billing/states.py; only for the sentence that prepares the clerk, the server decides.
const SINGLE_CLERK_CREDITS_MAX = 50_000;

type Fields = {
  amount: number | string;
  method: TopUp["method"];
  reference: string;
  reason: string;
  checked: boolean;
};
type Props = { tenant: Tenant; balance: Balance | undefined; onClose: () => void };

/** Credits against money received: the effect is shown before, and the person says it is right. */
export function TopUpDialog({ tenant, balance, onClose }: Props) {
  const { t } = useTranslation();
  const refresh = useRefresh();
  const needed = (text: string) => (text.trim() === "" ? t("finance.needed") : null);
  const form = useForm<Fields>({
    initialValues: {
      amount: "",
      method: "bank_transfer",
      reference: "",
      reason: "",
      checked: false,
    },
    validate: {
      amount: (amount) => (Number(amount) > 0 ? null : t("finance.amount_needed")),
      reference: needed,
      reason: needed,
    },
  });
  const creating = useIntent(
    async ({ amount, method, reference, reason }: Fields, headers) =>
      present(
        await client.POST("/v1/tenants/{tenant_id}/top-ups", {
          params: { path: { tenant_id: tenant.id } },
          body: {
            amount_credits: Number(amount),
            method,
            reference: reference.trim(),
            reason: reason.trim(),
            confirm_duplicate: false,
          },
          headers,
        }),
      ),
    {
      onSuccess: async () => {
        await refresh("/v1/tenants", "/v1/top-ups");
        onClose();
      },
    },
  );
  const amount = Number(form.values.amount) || 0;
  const waits = creating.error?.code === "second_person_required";

  function submit(fields: Fields) {
    creating.mutate(fields, {
      onError: (problem) => {
        form.setErrors(formErrors(problem, t("problem.reference_reused")));
        // It was kept, and waits for another person: the lists must show it.
        if (problem.code === "second_person_required") void refresh("/v1/top-ups");
      },
    });
  }

  return (
    <Dialog onClose={onClose} title={t("finance.reload_of", { name: tenant.name })}>
      {waits ? (
        <Waiting amount={amount} onClose={onClose} />
      ) : (
        <form className={classes.form} noValidate onSubmit={form.onSubmit(submit)}>
          <div className={classes.pair}>
            <NumberInput
              className={classes.numeric}
              label={t("finance.amount")}
              min={1}
              max={TOP_UP_CREDITS_MAX}
              allowDecimal={false}
              allowNegative={false}
              thousandSeparator=" "
              hideControls
              data-autofocus
              {...form.getInputProps("amount")}
            />
            <Select
              label={t("finance.method")}
              allowDeselect={false}
              data={[
                { value: "bank_transfer" as const, label: t("finance.method_bank_transfer") },
                { value: "other" as const, label: t("finance.method_other") },
              ]}
              {...form.getInputProps("method")}
            />
          </div>
          <TextInput
            label={t("finance.reference")}
            description={t("finance.reference_hint")}
            inputWrapperOrder={["label", "input", "description", "error"]}
            maxLength={100}
            {...form.getInputProps("reference")}
          />
          <Textarea
            label={t("finance.reason")}
            placeholder={t("finance.reason_example")}
            autosize
            minRows={2}
            maxLength={500}
            {...form.getInputProps("reason")}
          />
          {balance !== undefined && amount > 0 && <Effect balance={balance} added={amount} />}
          {amount > SINGLE_CLERK_CREDITS_MAX && (
            <Note tone="warn" icon={<IconUsers size={17} aria-hidden />}>
              {t("finance.two_people")}
            </Note>
          )}
          <Checkbox
            label={t("finance.reload_consent")}
            {...form.getInputProps("checked", { type: "checkbox" })}
          />
          {creating.isError && (
            <ErrorState error={creating.error} safe={t("finance.nothing_credited")} compact />
          )}
          <div className={classes.actions}>
            <Button variant="default" onClick={onClose}>
              {t("confirm.cancel")}
            </Button>
            <Button
              type="submit"
              disabled={!form.values.checked}
              title={form.values.checked ? undefined : t("confirm.tick_first")}
              loading={creating.isPending}
            >
              {amount > SINGLE_CLERK_CREDITS_MAX
                ? t("finance.ask_second_person")
                : t("finance.reload")}
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}

function formErrors(problem: Problem, reused: string): Record<string, string> {
  if (problem.code === "reference_reused") return { reference: reused };
  const { amount_credits, ...rest } = fieldErrors(problem);
  return amount_credits === undefined ? rest : { ...rest, amount: amount_credits };
}

function Waiting({ amount, onClose }: { amount: number; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <div className={classes.form}>
      <Note tone="info" icon={<IconUsers size={17} aria-hidden />}>
        <p>
          <strong>
            {t("finance.waits_title")} <CreditAmount credits={amount} unit />
          </strong>
        </p>
        <p>{t("finance.waits_text")}</p>
      </Note>
      <div className={classes.actions}>
        <Button onClick={onClose}>{t("finance.understood")}</Button>
      </div>
    </div>
  );
}
