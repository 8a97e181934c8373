import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { present } from "@/api/present";
import { fieldErrors } from "@/api/problem";
import { type Offer, useAccept, useAcceptAsNew } from "@/api/proofs";
import { sessionQuery, useLogin, useLogout } from "@/api/session";
import { languageOfWords } from "@/i18n";
import { Callout } from "@/ui/callout";
import { Delayed, ErrorState } from "@/ui/states";
import { BrokenLink } from "./broken_link";
import { EntryFrame } from "./entry_frame";
import classes from "./entry_frame.module.css";
import { takeSecret } from "./link_secret";

type Props = { secret: string; offer: Offer };

export function InvitationPage() {
  const [secret] = useState(takeSecret);
  return secret === null ? <BrokenLink /> : <Invited secret={secret} />;
}

function Invited({ secret }: { secret: string }) {
  const { t, i18n } = useTranslation(["notices", "app"]);
  const session = useQuery(sessionQuery);
  const offered = useQuery({
    queryKey: ["invitation", secret],
    retry: false,
    refetchOnWindowFocus: false,
    enabled: !session.isPending,
    queryFn: async () =>
      present(await client.POST("/v1/invitation/offer", { body: { token: secret } })),
  });
  if (offered.error !== null) {
    return (
      <EntryFrame>
        <h1>{t("invitation.closed")}</h1>
        <ErrorState error={offered.error} compact />
        <p>{t("invitation.closed_text")}</p>
        <p className={classes.foot}>
          <Link to="/login">{t("invitation.to_login")}</Link>
        </p>
      </EntryFrame>
    );
  }
  const offer = offered.data;
  if (offer === undefined) {
    return (
      <EntryFrame>
        <Delayed>
          <p role="status">{t("confirm.working")}</p>
        </Delayed>
      </EntryFrame>
    );
  }
  const here = session.data?.account.email;
  const until = new Intl.DateTimeFormat(i18n.language, { dateStyle: "long" });
  return (
    <EntryFrame>
      <h1>{t("invitation.title", { tenant: offer.tenant_name })}</h1>
      <p>
        {t("invitation.text", {
          inviter: offer.inviter_name,
          tenant: offer.tenant_name,
          role: t(`app:role.${offer.role}`),
        })}{" "}
        {t("invitation.stands_until", { date: until.format(new Date(offer.expires_at)) })}
      </p>
      {here === offer.email && <AcceptHere secret={secret} offer={offer} />}
      {here !== undefined && here !== offer.email && <OtherAccount here={here} offer={offer} />}
      {here === undefined && offer.has_account && <LogIn secret={secret} offer={offer} />}
      {here === undefined && !offer.has_account && <SignUp secret={secret} offer={offer} />}
    </EntryFrame>
  );
}

function useEntered() {
  const navigate = useNavigate();
  return { onSuccess: () => navigate({ to: "/" }) };
}

function AcceptHere({ secret }: Props) {
  const { t } = useTranslation(["notices", "app"]);
  const accepting = useAccept(useEntered());
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        accepting.mutate({ token: secret });
      }}
    >
      {accepting.isError && <ErrorState error={accepting.error} compact />}
      <Button type="submit" size="md" loading={accepting.isPending} fullWidth>
        {t("invitation.accept")}
      </Button>
    </form>
  );
}

function OtherAccount({ here, offer }: { here: string; offer: Offer }) {
  const { t } = useTranslation(["notices", "app"]);
  const leaving = useLogout();
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        leaving.mutate(null);
      }}
    >
      <Callout tone="warn">{t("invitation.other_text", { here, email: offer.email })}</Callout>
      <Button type="submit" variant="default" size="md" loading={leaving.isPending} fullWidth>
        {t("invitation.log_out")}
      </Button>
    </form>
  );
}

/** Logging in is one step, accepting the next: the page then shows the button of whoever is here. */
function LogIn({ offer }: Props) {
  const { t } = useTranslation(["notices", "app"]);
  const login = useLogin();
  const form = useForm({
    initialValues: { password: "" },
    validate: { password: (value) => (value === "" ? t("app:login.required") : null) },
  });
  return (
    <form
      noValidate
      onSubmit={form.onSubmit(({ password }) => login.mutate({ email: offer.email, password }))}
    >
      <p>{t("invitation.log_in_text", { email: offer.email })}</p>
      <PasswordInput
        label={t("app:login.password")}
        autoComplete="current-password"
        {...form.getInputProps("password")}
      />
      {login.isError && <ErrorState error={login.error} compact />}
      <Button type="submit" size="md" loading={login.isPending} fullWidth>
        {t("invitation.log_in")}
      </Button>
      <p className={classes.foot}>
        <Link to="/forgot-password">{t("forgot.title")}</Link>
      </p>
    </form>
  );
}

function SignUp({ secret, offer }: Props) {
  const { t } = useTranslation(["notices", "app"]);
  const accepting = useAcceptAsNew(useEntered());
  const required = (value: string) => (value.trim() === "" ? t("invitation.required") : null);
  const form = useForm({
    initialValues: { name: "", password: "" },
    validate: { name: required, password: required },
  });
  return (
    <form
      noValidate
      onSubmit={form.onSubmit((values) =>
        accepting.mutate(
          { ...values, token: secret, language: languageOfWords() },
          { onError: (problem) => form.setErrors(fieldErrors(problem)) },
        ),
      )}
    >
      <TextInput
        label={t("app:login.email")}
        value={offer.email}
        readOnly
        autoComplete="username"
      />
      <TextInput label={t("invitation.name")} autoComplete="name" {...form.getInputProps("name")} />
      <PasswordInput
        label={t("invitation.password")}
        description={t("app:signup.password_hint")}
        inputWrapperOrder={["label", "input", "description", "error"]}
        autoComplete="new-password"
        {...form.getInputProps("password")}
      />
      {accepting.isError && <ErrorState error={accepting.error} compact />}
      <Button type="submit" size="md" loading={accepting.isPending} fullWidth>
        {t("invitation.accept")}
      </Button>
    </form>
  );
}
