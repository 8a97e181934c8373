import { Button, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { fieldErrors } from "@/api/problem";
import { useIntent } from "@/api/use_intent";
import { ErrorState } from "@/ui/states";
import { EntryFrame } from "./entry_frame";
import classes from "./entry_frame.module.css";

/** The same words whether or not there is such an account, as the API's answer is the same. */
export function ForgotPage() {
  const { t } = useTranslation(["notices", "app"]);
  const asking = useIntent((body: { email: string }, headers) =>
    client.POST("/v1/password-reset/request", { body, headers }),
  );
  const form = useForm({
    initialValues: { email: "" },
    validate: { email: (value) => (value.trim() === "" ? t("forgot.required") : null) },
  });
  return (
    <EntryFrame>
      {asking.isSuccess ? (
        <div role="status">
          <h1>{t("forgot.sent")}</h1>
          <p>{t("forgot.sent_text", { email: form.values.email.trim() })}</p>
        </div>
      ) : (
        <>
          <h1>{t("forgot.title")}</h1>
          <p>{t("forgot.text")}</p>
          <form
            noValidate
            onSubmit={form.onSubmit((values) =>
              asking.mutate(values, { onError: (problem) => form.setErrors(fieldErrors(problem)) }),
            )}
          >
            <TextInput
              label={t("app:login.email")}
              type="email"
              autoComplete="username"
              inputMode="email"
              {...form.getInputProps("email")}
            />
            {asking.isError && <ErrorState error={asking.error} compact />}
            <Button type="submit" size="md" loading={asking.isPending} fullWidth>
              {t("forgot.submit")}
            </Button>
          </form>
        </>
      )}
      <p className={classes.foot}>
        <Link to="/login">{t("forgot.back")}</Link>
      </p>
    </EntryFrame>
  );
}
