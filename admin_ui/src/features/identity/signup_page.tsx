import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { Link, useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { fieldErrors } from "@/api/problem";
import { type Signup, useSignup } from "@/api/session";
import { languageOfWords } from "@/i18n";
import { ErrorState } from "@/ui/states";
import { EntryFrame } from "./entry_frame";
import classes from "./entry_frame.module.css";

const EMPTY = { email: "", password: "", name: "", tenant_name: "" };

export function SignupPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const signup = useSignup({ onSuccess: () => navigate({ to: "/" }) });
  const required = (value: string) => (value.trim() === "" ? t("signup.required") : null);
  const form = useForm({
    initialValues: EMPTY,
    validate: { name: required, tenant_name: required, email: required, password: required },
  });

  function submit(values: typeof EMPTY) {
    const given: Signup = { ...values, language: languageOfWords() };
    signup.mutate(given, { onError: (problem) => form.setErrors(fieldErrors(problem)) });
  }

  return (
    <EntryFrame>
      <h1>{t("signup.title")}</h1>
      <form onSubmit={form.onSubmit(submit)} noValidate>
        <TextInput label={t("signup.name")} autoComplete="name" {...form.getInputProps("name")} />
        <TextInput
          label={t("signup.company")}
          description={t("signup.company_hint")}
          inputWrapperOrder={["label", "input", "description", "error"]}
          autoComplete="organization"
          {...form.getInputProps("tenant_name")}
        />
        <TextInput
          label={t("login.email")}
          type="email"
          autoComplete="username"
          {...form.getInputProps("email")}
        />
        <PasswordInput
          label={t("login.password")}
          description={t("signup.password_hint")}
          inputWrapperOrder={["label", "input", "description", "error"]}
          autoComplete="new-password"
          {...form.getInputProps("password")}
        />
        {signup.isError && <ErrorState error={signup.error} compact />}
        <Button type="submit" size="md" loading={signup.isPending} fullWidth>
          {t("signup.submit")}
        </Button>
      </form>
      <p className={classes.foot}>{t("signup.trial")}</p>
      <p className={classes.foot}>
        {t("signup.have_account")} <Link to="/login">{t("signup.log_in")}</Link>
      </p>
    </EntryFrame>
  );
}
