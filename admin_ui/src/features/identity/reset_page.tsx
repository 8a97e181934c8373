import { Button, PasswordInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { fieldErrors } from "@/api/problem";
import { useResetPassword } from "@/api/proofs";
import { ErrorState } from "@/ui/states";
import { BrokenLink } from "./broken_link";
import { EntryFrame } from "./entry_frame";
import classes from "./entry_frame.module.css";
import { takeSecret } from "./link_secret";

export function ResetPage() {
  const [secret] = useState(takeSecret);
  return secret === null ? <BrokenLink /> : <ResetForm secret={secret} />;
}

function ResetForm({ secret }: { secret: string }) {
  const { t } = useTranslation(["notices", "app"]);
  const navigate = useNavigate();
  const resetting = useResetPassword({ onSuccess: () => navigate({ to: "/" }) });
  const form = useForm({
    initialValues: { password: "" },
    validate: { password: (value) => (value === "" ? t("reset.required") : null) },
  });
  const isDead = resetting.error?.code.startsWith("token_") ?? false;
  return (
    <EntryFrame>
      <h1>{t("reset.title")}</h1>
      <p>{t("reset.text")}</p>
      <form
        noValidate
        onSubmit={form.onSubmit(({ password }) =>
          resetting.mutate(
            { token: secret, password },
            { onError: (problem) => form.setErrors(fieldErrors(problem)) },
          ),
        )}
      >
        <PasswordInput
          label={t("reset.password")}
          description={t("app:signup.password_hint")}
          inputWrapperOrder={["label", "input", "description", "error"]}
          autoComplete="new-password"
          {...form.getInputProps("password")}
        />
        {resetting.isError && <ErrorState error={resetting.error} compact />}
        <Button type="submit" size="md" loading={resetting.isPending} fullWidth>
          {t("reset.submit")}
        </Button>
      </form>
      <p className={classes.foot}>
        {isDead ? (
          <Link to="/forgot-password">{t("reset.again")}</Link>
        ) : (
          <Link to="/login">{t("forgot.back")}</Link>
        )}
      </p>
    </EntryFrame>
  );
}
