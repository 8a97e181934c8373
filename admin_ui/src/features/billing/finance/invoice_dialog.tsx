import { Button } from "@mantine/core";
import { useForm } from "@mantine/form";
import { IconCircleCheck } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { present } from "@/api/present";
import { fieldErrors } from "@/api/problem";
import { useIntent } from "@/api/use_intent";
import { useRefresh } from "@/api/use_pages";
import { Dialog } from "@/ui/dialog";
import { Note } from "@/ui/facts";

import type { Tenant } from "../billing";
import { MoneyAmount } from "./cells";
import { DocumentFiles } from "./document_files";
import classes from "./finance.module.css";
import { CreditsField, FormEnd, ReasonField } from "./form_parts";

const INVOICE_CREDITS_MAX = 5_000_000;

type Fields = { credits: number | string; reason: string };
type Props = { tenant: Pick<Tenant, "id" | "name">; onClose: () => void };

/** An invoice to be paid by transfer: its number is what the payer writes on it. */
export function InvoiceDialog({ tenant, onClose }: Props) {
  const { t } = useTranslation("finance");
  const refresh = useRefresh();
  const form = useForm<Fields>({
    initialValues: { credits: "", reason: "" },
    validate: {
      credits: (value) => (Number(value) > 0 ? null : t("amount_needed")),
      reason: (value) => (value.trim() === "" ? t("needed") : null),
    },
  });
  const creating = useIntent(
    async ({ credits, reason }: Fields, headers) =>
      present(
        await client.POST("/v1/tenants/{tenant_id}/invoices", {
          params: { path: { tenant_id: tenant.id } },
          body: { credits: Number(credits), reason: reason.trim() },
          headers,
        }),
      ),
    { onSuccess: () => refresh("/v1/documents", "/v1/finance") },
  );
  const issued = creating.data;
  return (
    <Dialog onClose={onClose} title={t("invoice.of", { name: tenant.name })}>
      {issued !== undefined ? (
        <div className={classes.form}>
          <Note tone="ok" icon={<IconCircleCheck size={17} aria-hidden />}>
            <strong>{t("invoice.issued", { number: issued.number })}</strong>{" "}
            <MoneyAmount minor={issued.gross_minor} currency={issued.currency} />
          </Note>
          <DocumentFiles id={issued.id} number={issued.number} />
          <div className={classes.actions}>
            <Button onClick={onClose}>{t("understood")}</Button>
          </div>
        </div>
      ) : (
        <form
          className={classes.form}
          noValidate
          onSubmit={form.onSubmit((fields) =>
            creating.mutate(fields, { onError: (problem) => form.setErrors(fieldErrors(problem)) }),
          )}
        >
          <p>{t("invoice.text")}</p>
          <CreditsField
            label={t("amount")}
            max={INVOICE_CREDITS_MAX}
            data-autofocus
            {...form.getInputProps("credits")}
          />
          <ReasonField {...form.getInputProps("reason")} />
          <FormEnd
            verb={t("invoice.verb")}
            pending={creating.isPending}
            error={creating.error}
            onClose={onClose}
          />
        </form>
      )}
    </Dialog>
  );
}
