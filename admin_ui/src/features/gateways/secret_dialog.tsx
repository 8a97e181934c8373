import { Button, PasswordInput, Textarea } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { present } from "@/api/present";
import { fieldErrors } from "@/api/problem";
import { useIntent } from "@/api/use_intent";
import { useRefresh } from "@/api/use_pages";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/states";
import { GATEWAYS, type Gateway } from "./gateways";
import classes from "./gateways.module.css";

type Fields = { secret: string; reason: string };

/** Goes in and never comes out: there is nothing to show of the one that stands. */
export function SecretDialog({ gateway, onClose }: { gateway: Gateway; onClose: () => void }) {
  const { t } = useTranslation("gateways");
  const { t: said } = useTranslation();
  const refresh = useRefresh();
  const form = useForm<Fields>({
    initialValues: { secret: "", reason: "" },
    validate: {
      secret: (secret) => (secret === "" ? t("secret_needed") : null),
      reason: (reason) => (reason.trim().length < 3 ? t("reason_needed") : null),
    },
  });
  const rotating = useIntent(
    async (fields: Fields, headers) =>
      present(
        await client.PUT("/v1/gateways/{gateway_id}/secret", {
          params: { path: { gateway_id: gateway.id } },
          body: { ...fields, version: gateway.version },
          headers,
        }),
      ),
    {
      onSuccess: async () => {
        await refresh(GATEWAYS);
        onClose();
      },
    },
  );
  return (
    <Dialog onClose={onClose} title={t("secret_title", { name: gateway.name })}>
      <form
        className={classes.form}
        noValidate
        onSubmit={form.onSubmit((fields) =>
          rotating.mutate(fields, { onError: (problem) => form.setErrors(fieldErrors(problem)) }),
        )}
      >
        <p style={{ margin: 0 }}>
          {t(gateway.settings.kind === "smpp" ? "secret_smpp_text" : "secret_http_text")}
        </p>
        <PasswordInput
          label={t("secret")}
          autoComplete="off"
          maxLength={200}
          data-autofocus
          {...form.getInputProps("secret")}
        />
        <Textarea
          label={t("reason")}
          placeholder={t("reason_example")}
          autosize
          minRows={2}
          maxLength={500}
          {...form.getInputProps("reason")}
        />
        {rotating.isError && <ErrorState error={rotating.error} compact />}
        <div className={classes.actions}>
          <Button variant="default" onClick={onClose}>
            {said("confirm.cancel")}
          </Button>
          <Button type="submit" loading={rotating.isPending}>
            {t("new_secret")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
