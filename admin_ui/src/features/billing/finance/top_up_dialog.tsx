import { Button, Checkbox, FileInput, NumberInput, Select, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { IconPaperclip, IconUsers } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { uploadProofFile } from "@/api/finance_files";
import { present } from "@/api/present";
import { fieldErrors, type Problem } from "@/api/problem";
import { useIntent } from "@/api/use_intent";
import { useRefresh } from "@/api/use_pages";
import { CreditAmount } from "@/ui/credit_amount";
import { Dialog } from "@/ui/dialog";
import { Note } from "@/ui/facts";
import { ErrorState } from "@/ui/states";
import type { Balance, Tenant, TopUp } from "../billing";
import { Effect } from "./effect";
import { SINGLE_CLERK_CREDITS_MAX } from "./finance";
import classes from "./finance.module.css";
import { ReasonField } from "./form_parts";
import { SeenBefore } from "./seen_before";

const TOP_UP_CREDITS_MAX = 10_000_000;
const PROOF_TYPES = "application/pdf,image/png,image/jpeg";

type Fields = {
  amount: number | string;
  method: TopUp["method"];
  reference: string;
  reason: string;
  checked: boolean;
  confirmsDuplicate: boolean;
};
type Props = {
  tenant: Pick<Tenant, "id" | "name">;
  balance: Balance | undefined;
  onClose: () => void;
};

/** Credits against money received: the effect is shown before, and the person says it is right. */
export function TopUpDialog({ tenant, balance, onClose }: Props) {
  const { t } = useTranslation("finance");
  const { t: app } = useTranslation();
  const form = useTopUpForm();
  const proving = useIntent(uploadProofFile);
  const creating = useCreating(tenant.id, proving.data?.id ?? null, onClose);
  const refresh = useRefresh();
  const amount = Number(form.values.amount) || 0;
  const needsTwo = amount > SINGLE_CLERK_CREDITS_MAX;
  const code = creating.error?.code;

  function submit(fields: Fields) {
    creating.mutate(fields, {
      onError: (problem) => {
        form.setErrors(formErrors(problem, t("reference_reused")));
        // It was kept, and waits for another person: the lists must show it.
        if (problem.code === "second_person_required") void refresh("/v1/top-ups", "/v1/tenants");
      },
    });
  }

  if (code === "second_person_required") {
    return (
      <Dialog onClose={onClose} title={t("reload_of", { name: tenant.name })}>
        <Waiting amount={amount} onClose={onClose} />
      </Dialog>
    );
  }
  return (
    <Dialog onClose={onClose} title={t("reload_of", { name: tenant.name })}>
      <form className={classes.form} noValidate onSubmit={form.onSubmit(submit)}>
        <div className={classes.pair}>
          <NumberInput
            className={classes.numeric}
            label={t("amount")}
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
            label={t("method")}
            allowDeselect={false}
            data={[
              { value: "bank_transfer" as const, label: t("method_bank_transfer") },
              { value: "other" as const, label: t("method_other") },
            ]}
            {...form.getInputProps("method")}
          />
        </div>
        <TextInput
          label={t("reference")}
          description={t("reference_hint")}
          inputWrapperOrder={["label", "input", "description", "error"]}
          maxLength={100}
          {...form.getInputProps("reference")}
        />
        <ReasonField placeholder={t("reason_example")} {...form.getInputProps("reason")} />
        <FileInput
          label={t("proof")}
          description={t("proof_hint")}
          inputWrapperOrder={["label", "input", "description", "error"]}
          placeholder={t("proof_choose")}
          leftSection={<IconPaperclip size={16} aria-hidden />}
          accept={PROOF_TYPES}
          clearable
          clearButtonProps={{ "aria-label": t("clear") }}
          disabled={proving.isPending}
          error={proving.error?.title}
          onChange={(file) =>
            file === null ? proving.reset() : proving.mutate({ tenantId: tenant.id, file })
          }
        />
        {balance !== undefined && amount > 0 && <Effect balance={balance} added={amount} />}
        {needsTwo && (
          <Note tone="warn" icon={<IconUsers size={17} aria-hidden />}>
            {t("two_people")}
          </Note>
        )}
        {code === "reference_seen" && creating.error !== null && (
          <SeenBefore
            problem={creating.error}
            checked={form.values.confirmsDuplicate}
            onChange={(checked) => form.setFieldValue("confirmsDuplicate", checked)}
          />
        )}
        <Checkbox
          label={t("reload_consent")}
          {...form.getInputProps("checked", { type: "checkbox" })}
        />
        {creating.isError && code !== "reference_seen" && (
          <ErrorState error={creating.error} safe={t("nothing_credited")} compact />
        )}
        <div className={classes.actions}>
          <Button variant="default" onClick={onClose}>
            {app("confirm.cancel")}
          </Button>
          <Button
            type="submit"
            disabled={
              !form.values.checked ||
              proving.isPending ||
              (code === "reference_seen" && !form.values.confirmsDuplicate)
            }
            title={form.values.checked ? undefined : app("confirm.tick_first")}
            loading={creating.isPending}
          >
            {needsTwo ? t("ask_second_person") : t("reload")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function useTopUpForm() {
  const { t } = useTranslation("finance");
  const needed = (text: string) => (text.trim() === "" ? t("needed") : null);
  return useForm<Fields>({
    initialValues: {
      amount: "",
      method: "bank_transfer",
      reference: "",
      reason: "",
      checked: false,
      confirmsDuplicate: false,
    },
    validate: {
      amount: (amount) => (Number(amount) > 0 ? null : t("amount_needed")),
      reference: needed,
      reason: needed,
    },
  });
}

function useCreating(tenant_id: string, proof_file: string | null, onDone: () => void) {
  const refresh = useRefresh();
  return useIntent(
    async (fields: Fields, headers) =>
      present(
        await client.POST("/v1/tenants/{tenant_id}/top-ups", {
          params: { path: { tenant_id } },
          body: {
            amount_credits: Number(fields.amount),
            method: fields.method,
            reference: fields.reference.trim(),
            reason: fields.reason.trim(),
            proof_file,
            confirm_duplicate: fields.confirmsDuplicate,
          },
          headers,
        }),
      ),
    {
      onSuccess: async () => {
        await refresh("/v1/tenants", "/v1/top-ups", "/v1/finance");
        onDone();
      },
    },
  );
}

function formErrors(problem: Problem, reused: string): Record<string, string> {
  if (problem.code === "reference_reused") return { reference: reused };
  const { amount_credits, ...rest } = fieldErrors(problem);
  return amount_credits === undefined ? rest : { ...rest, amount: amount_credits };
}

export function Waiting({ amount, onClose }: { amount: number; onClose: () => void }) {
  const { t } = useTranslation("finance");
  return (
    <div className={classes.form}>
      <Note tone="info" icon={<IconUsers size={17} aria-hidden />}>
        <p>
          <strong>
            {t("waits_title")} <CreditAmount credits={amount} unit />
          </strong>
        </p>
        <p>{t("waits_text")}</p>
      </Note>
      <div className={classes.actions}>
        <Button onClick={onClose}>{t("understood")}</Button>
      </div>
    </div>
  );
}
