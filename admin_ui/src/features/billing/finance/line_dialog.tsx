import { useForm } from "@mantine/form";
import { IconUsers } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { present } from "@/api/present";
import { fieldErrors } from "@/api/problem";
import { useIntent } from "@/api/use_intent";
import { useRefresh } from "@/api/use_pages";
import { Dialog } from "@/ui/dialog";
import { Note } from "@/ui/facts";

import type { Balance, Tenant } from "../billing";
import { SINGLE_CLERK_LINE_CREDITS_MAX } from "./finance";
import classes from "./finance.module.css";
import { CreditsField, FormEnd, ReasonField } from "./form_parts";
import { Waiting } from "./top_up_dialog";

const CREDIT_LINE_CREDITS_MAX = 10_000_000;

type Props = { tenant: Pick<Tenant, "id" | "name">; balance: Balance; onClose: () => void };

/** How far a tenant may send on trust. It cannot go below what is owed already. */
export function LineDialog({ tenant, balance, onClose }: Props) {
  const { t } = useTranslation("finance");
  const refresh = useRefresh();
  const form = useForm<{ credits: number | string; reason: string }>({
    initialValues: { credits: balance.credit_line, reason: "" },
    validate: {
      credits: (value) => (value === "" ? t("amount_needed") : null),
      reason: (value) => (value.trim() === "" ? t("needed") : null),
    },
  });
  const setting = useIntent(
    async ({ credits, reason }: { credits: number | string; reason: string }) =>
      present(
        await client.PUT("/v1/tenants/{tenant_id}/credit-line", {
          params: { path: { tenant_id: tenant.id } },
          body: {
            credits: Number(credits),
            seen_credits: balance.credit_line,
            reason: reason.trim(),
          },
        }),
      ),
    {
      onSuccess: async () => {
        await refresh("/v1/tenants", "/v1/corrections", "/v1/finance");
        onClose();
      },
    },
  );
  const credits = Number(form.values.credits) || 0;
  const needsTwo = credits > SINGLE_CLERK_LINE_CREDITS_MAX;
  // It was kept, and waits for another person.
  if (setting.error?.code === "second_person_required") {
    return (
      <Dialog onClose={onClose} title={t("line.of", { name: tenant.name })}>
        <Waiting amount={credits} onClose={onClose} />
      </Dialog>
    );
  }
  return (
    <Dialog onClose={onClose} title={t("line.of", { name: tenant.name })}>
      <form
        className={classes.form}
        noValidate
        onSubmit={form.onSubmit((fields) =>
          setting.mutate(fields, {
            onError: (problem) => {
              form.setErrors(fieldErrors(problem));
              // Kept for another person, or changed by one: what is shown is old either way.
              void refresh("/v1/tenants", "/v1/corrections", "/v1/finance");
            },
          }),
        )}
      >
        <p>{t("line.text")}</p>
        <CreditsField
          label={t("line.credits")}
          min={0}
          max={CREDIT_LINE_CREDITS_MAX}
          data-autofocus
          {...form.getInputProps("credits")}
        />
        <ReasonField {...form.getInputProps("reason")} />
        {needsTwo && (
          <Note tone="warn" icon={<IconUsers size={17} aria-hidden />}>
            {t("line.two_people")}
          </Note>
        )}
        <FormEnd
          verb={needsTwo ? t("ask_second_person") : t("line.verb")}
          pending={setting.isPending}
          error={setting.error}
          onClose={onClose}
        />
      </form>
    </Dialog>
  );
}
