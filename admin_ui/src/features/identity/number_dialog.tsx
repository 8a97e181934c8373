import { Button, Textarea, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { present } from "@/api/present";
import { fieldErrors } from "@/api/problem";
import { useIntent } from "@/api/use_intent";
import { useRefresh } from "@/api/use_pages";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/states";
import classes from "./settings.module.css";
import type { Tenant } from "./tenant_page";

type Fields = { phone: string; reason: string };

// The shortest reason the server takes.
const REASON_CHARACTERS_MIN = 3;

export function NumberDialog({ tenant, onClose }: { tenant: Tenant; onClose: () => void }) {
  const { t } = useTranslation();
  const refresh = useRefresh();
  const form = useForm<Fields>({
    initialValues: { phone: "", reason: "" },
    validate: {
      phone: (phone) => (phone.trim() === "" ? t("tenants.phone_needed") : null),
      reason: (reason) =>
        reason.trim().length < REASON_CHARACTERS_MIN ? t("tenants.reason_needed") : null,
    },
  });
  const verifying = useIntent(
    async ({ phone, reason }: Fields, headers) =>
      present(
        await client.POST("/v1/tenants/{tenant_id}/number-verification", {
          params: { path: { tenant_id: tenant.id } },
          body: { phone: phone.trim(), reason: reason.trim() },
          headers,
        }),
      ),
    {
      onSuccess: async () => {
        await refresh("/v1/tenants");
        onClose();
      },
    },
  );
  return (
    <Dialog onClose={onClose} title={t("tenants.verify_of", { name: tenant.name })}>
      <form
        className={classes.form}
        noValidate
        onSubmit={form.onSubmit((fields) =>
          verifying.mutate(fields, { onError: (problem) => form.setErrors(fieldErrors(problem)) }),
        )}
      >
        <p style={{ margin: 0 }}>{t("tenants.verify_text")}</p>
        <TextInput
          label={t("tenants.phone")}
          placeholder="+47 912 34 567"
          inputMode="tel"
          data-autofocus
          {...form.getInputProps("phone")}
        />
        <Textarea
          label={t("tenants.reason")}
          placeholder={t("tenants.verify_example")}
          autosize
          minRows={2}
          maxLength={500}
          {...form.getInputProps("reason")}
        />
        {verifying.isError && <ErrorState error={verifying.error} compact />}
        <div className={classes.actions}>
          <Button variant="default" onClick={onClose}>
            {t("confirm.cancel")}
          </Button>
          <Button type="submit" loading={verifying.isPending}>
            {t("tenants.verify")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
