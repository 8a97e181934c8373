import { Button, Checkbox, NumberInput, Select, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { present } from "@/api/present";
import { fieldErrors } from "@/api/problem";
import type { components } from "@/api/schema";
import { useIntent } from "@/api/use_intent";
import { useRefresh } from "@/api/use_pages";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/states";
import type { Balance, Tenant } from "../billing";
import { Effect } from "./effect";
import classes from "./finance.module.css";
import { ReasonField } from "./form_parts";
import { Waiting } from "./top_up_dialog";

const GRANT_CREDITS_MAX = 10_000;

type Fields = {
  amount_credits: number | string;
  kind: components["schemas"]["GrantKind"];
  reference: string;
  reason: string;
  expires_on: string;
  checked: boolean;
};
type Props = { tenant: Tenant; balance: Balance | undefined; onClose: () => void };

/** Credits for nothing: promotional ones are spent first, the others make good. */
export function GrantDialog({ tenant, balance, onClose }: Props) {
  const { t } = useTranslation("finance");
  const { t: app } = useTranslation();
  const refresh = useRefresh();
  const needed = (text: string) => (text.trim() === "" ? t("needed") : null);
  const form = useForm<Fields>({
    initialValues: {
      amount_credits: "",
      kind: "promotional",
      reference: "",
      reason: "",
      expires_on: "",
      checked: false,
    },
    validate: {
      amount_credits: (amount) => (Number(amount) > 0 ? null : t("amount_needed")),
      reference: needed,
      reason: needed,
    },
  });
  const granting = useIntent(
    async (fields: Fields, headers) =>
      present(
        await client.POST("/v1/tenants/{tenant_id}/grants", {
          params: { path: { tenant_id: tenant.id } },
          body: {
            amount_credits: Number(fields.amount_credits),
            kind: fields.kind,
            reference: fields.reference.trim(),
            reason: fields.reason.trim(),
            // To the end of the day the person named, where they are.
            expires_at: fields.expires_on
              ? new Date(`${fields.expires_on}T23:59:59`).toISOString()
              : null,
          },
          headers,
        }),
      ),
    {
      onSuccess: async (grant) => {
        await refresh("/v1/tenants", "/v1/finance");
        if (!grant.is_repeated) onClose();
      },
    },
  );
  const amount = Number(form.values.amount_credits) || 0;
  // It was kept, and waits for another person.
  if (granting.error?.code === "second_person_required") {
    return (
      <Dialog onClose={onClose} title={t("grant_of", { name: tenant.name })}>
        <Waiting amount={amount} onClose={onClose} />
      </Dialog>
    );
  }
  return (
    <Dialog onClose={onClose} title={t("grant_of", { name: tenant.name })}>
      <form
        className={classes.form}
        noValidate
        onSubmit={form.onSubmit((fields) =>
          granting.mutate(fields, {
            onError: (problem) => {
              form.setErrors(fieldErrors(problem));
              if (problem.code === "second_person_required") {
                void refresh("/v1/corrections", "/v1/finance");
              }
            },
          }),
        )}
      >
        <div className={classes.pair}>
          <NumberInput
            className={classes.numeric}
            label={t("amount")}
            description={t("grant_sum")}
            inputWrapperOrder={["label", "input", "description", "error"]}
            min={1}
            max={GRANT_CREDITS_MAX}
            allowDecimal={false}
            allowNegative={false}
            thousandSeparator=" "
            hideControls
            data-autofocus
            {...form.getInputProps("amount_credits")}
          />
          <Select
            label={t("kind")}
            allowDeselect={false}
            data={[
              { value: "promotional" as const, label: t("kind_promotional") },
              { value: "granted" as const, label: t("kind_granted") },
            ]}
            {...form.getInputProps("kind")}
          />
          <TextInput label={t("reference")} maxLength={100} {...form.getInputProps("reference")} />
          <TextInput label={t("expires")} type="date" {...form.getInputProps("expires_on")} />
        </div>
        <ReasonField {...form.getInputProps("reason")} />
        {balance !== undefined && amount > 0 && (
          <Effect balance={balance} added={amount} repaysDebt={false} />
        )}
        <Checkbox
          label={t("grant_consent")}
          {...form.getInputProps("checked", { type: "checkbox" })}
        />
        {granting.isError && (
          <ErrorState error={granting.error} safe={t("nothing_credited")} compact />
        )}
        <div role="status">{granting.data?.is_repeated && t("grant_repeated")}</div>
        <div className={classes.actions}>
          <Button variant="default" onClick={onClose}>
            {app("confirm.cancel")}
          </Button>
          <Button
            type="submit"
            disabled={!form.values.checked}
            title={form.values.checked ? undefined : app("confirm.tick_first")}
            loading={granting.isPending}
          >
            {t("grant")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
