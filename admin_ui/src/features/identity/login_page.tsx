import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { fieldErrors } from "@/api/problem";
import { demoRolesQuery, type Login, type Session, useLogin, useSession } from "@/api/session";
import { ErrorState } from "@/ui/states";
import { DemoRoles } from "./demo_roles";
import { EntryFrame } from "./entry_frame";
import classes from "./entry_frame.module.css";

const SecondStep = lazy(async () => ({ default: (await import("./second_step")).SecondStep }));

export function LoginPage() {
  const navigate = useNavigate();
  const { next } = useSearch({ from: "/login" });
  const known = useSession();
  // Its own state: a new login replaces all that is cached, and with it what is observed.
  const [half, setHalf] = useState(known?.step === "second_step" ? known : null);
  const enter = () => navigate({ href: next ?? "/" });
  if (half === null) {
    return (
      <LoginForm
        onDone={(session) => (session.step === "second_step" ? setHalf(session) : enter())}
      />
    );
  }
  return (
    <Suspense>
      <SecondStep session={half} onDone={enter} onLeft={() => setHalf(null)} />
    </Suspense>
  );
}

function LoginForm({ onDone }: { onDone: (session: Session) => void | Promise<void> }) {
  const { t } = useTranslation();
  const roles = useQuery(demoRolesQuery).data ?? [];
  const login = useLogin({ onSuccess: onDone });
  const form = useForm<Login>({
    initialValues: { email: "", password: "" },
    validate: {
      email: (value) => (value.trim() === "" ? t("login.required") : null),
      password: (value) => (value === "" ? t("login.required") : null),
    },
  });

  function submit(values: Login) {
    login.mutate(values, { onError: (problem) => form.setErrors(fieldErrors(problem)) });
  }

  const aside =
    roles.length === 0 ? undefined : (
      <DemoRoles
        roles={roles}
        busy={login.isPending}
        onPick={({ email, password }) => login.mutate({ email, password })}
      />
    );
  return (
    <EntryFrame aside={aside}>
      <h1>{t("login.title")}</h1>
      <form onSubmit={form.onSubmit(submit)} noValidate>
        <TextInput
          label={t("login.email")}
          type="email"
          autoComplete="username"
          inputMode="email"
          {...form.getInputProps("email")}
        />
        <PasswordInput
          label={t("login.password")}
          autoComplete="current-password"
          {...form.getInputProps("password")}
        />
        {login.isError && <ErrorState error={login.error} compact />}
        <Button type="submit" size="md" loading={login.isPending} fullWidth>
          {t("login.submit")}
        </Button>
      </form>
      <p className={classes.foot}>
        <Link to="/forgot-password">{t("login.forgot")}</Link>
      </p>
      <p className={classes.foot}>
        {t("login.no_account")} <Link to="/signup">{t("login.sign_up")}</Link>
      </p>
      {roles.length > 0 && (
        <p className={classes.foot}>
          <Link to="/mailbox">{t("login.mailbox")}</Link>
        </p>
      )}
    </EntryFrame>
  );
}
