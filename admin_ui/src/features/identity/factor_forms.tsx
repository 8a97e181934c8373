import { Button, CopyButton, Skeleton, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { IconCheck, IconCopy, IconDownload, IconFingerprint } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useId, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { type Factors, type Offer, offerQuery, useAddApp, useAddPasskey } from "@/api/factors";
import { fieldErrors } from "@/api/problem";
import { ErrorState } from "@/ui/states";
import classes from "./factor_forms.module.css";

type Props = { onAdded: (factors: Factors) => void };
export const NAME_LENGTH_MAX = 60;

/** A new secret each time it is opened, drawn here and never fetched from anywhere else. */
export function AddApp({ onAdded }: Props) {
  const { t } = useTranslation("factor");
  const attempt = useMemo(() => Date.now(), []);
  const offer = useQuery(offerQuery(attempt));
  const adding = useAddApp(onAdded);
  const form = useForm({
    initialValues: { name: t("app.default_name"), code: "" },
    validate: {
      name: (name) => (name.trim() === "" ? t("proof.needed") : null),
      code: (code) => (/^\d{6}$/.test(code.replaceAll(/\s/g, "")) ? null : t("app.code")),
    },
  });
  if (offer.isError) return <ErrorState error={offer.error} compact onRetry={offer.refetch} />;
  return (
    <form
      className={classes.form}
      noValidate
      onSubmit={form.onSubmit(({ name, code }) =>
        adding.mutate(
          { name: name.trim(), code: code.replaceAll(/\s/g, "") },
          { onError: (problem) => form.setErrors(fieldErrors(problem)) },
        ),
      )}
    >
      {offer.data === undefined ? (
        <Skeleton height={190} radius="md" />
      ) : (
        <Secret of={offer.data} />
      )}
      <TextInput
        label={t("app.name")}
        placeholder={t("app.name_example")}
        maxLength={NAME_LENGTH_MAX}
        {...form.getInputProps("name")}
      />
      <TextInput
        label={t("app.code")}
        autoComplete="one-time-code"
        inputMode="numeric"
        maxLength={7}
        data-autofocus
        {...form.getInputProps("code")}
      />
      {adding.isError && <ErrorState error={adding.error} compact />}
      <Button
        type="submit"
        size="md"
        loading={adding.isPending}
        disabled={offer.data === undefined}
      >
        {t("app.add")}
      </Button>
    </form>
  );
}

function Secret({ of: { secret, qr } }: { of: Offer }) {
  const { t } = useTranslation("factor");
  const title = useId();
  return (
    <div className={classes.secret}>
      <svg
        className={classes.qr}
        viewBox={`0 0 ${qr.modules} ${qr.modules}`}
        role="img"
        aria-labelledby={title}
        shapeRendering="crispEdges"
      >
        <title id={title}>{t("app.qr")}</title>
        <path d={qr.path} />
      </svg>
      <div>
        <p>{t("app.scan")}</p>
        <p>{t("app.by_hand")}</p>
        <code data-testid="secret">{secret.match(/.{4}/g)?.join(" ")}</code>
      </div>
    </div>
  );
}

export function AddPasskey({ onAdded }: Props) {
  const { t } = useTranslation("factor");
  const adding = useAddPasskey(onAdded);
  const form = useForm({
    initialValues: { name: t("passkey.default_name") },
    validate: { name: (name) => (name.trim() === "" ? t("proof.needed") : null) },
  });
  return (
    <form
      className={classes.form}
      noValidate
      onSubmit={form.onSubmit(({ name }) => adding.mutate(name.trim()))}
    >
      <p>{t("passkey.text")}</p>
      <TextInput
        label={t("passkey.name")}
        placeholder={t("passkey.name_example")}
        maxLength={NAME_LENGTH_MAX}
        {...form.getInputProps("name")}
      />
      {adding.isError && <ErrorState error={adding.error} compact />}
      <Button
        type="submit"
        size="md"
        loading={adding.isPending}
        leftSection={<IconFingerprint size={17} aria-hidden />}
      >
        {t("passkey.add")}
      </Button>
    </form>
  );
}

/** Shown this once. */
export function RecoveryCodes({ codes, onKept }: { codes: string[]; onKept: () => void }) {
  const { t } = useTranslation("factor");
  const text = `${codes.join("\n")}\n`;
  const file = useMemo(() => `data:text/plain;charset=utf-8,${encodeURIComponent(text)}`, [text]);
  return (
    <div className={classes.form}>
      <p>{t("codes.text")}</p>
      <ol className={classes.codes}>
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ol>
      <div className={classes.actions}>
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button
              variant="default"
              onClick={copy}
              leftSection={
                copied ? <IconCheck size={15} aria-hidden /> : <IconCopy size={15} aria-hidden />
              }
            >
              <span aria-live="polite">{copied ? t("codes.copied") : t("codes.copy")}</span>
            </Button>
          )}
        </CopyButton>
        <Button
          component="a"
          href={file}
          download="clearsend-recovery-codes.txt"
          variant="default"
          leftSection={<IconDownload size={15} aria-hidden />}
        >
          {t("codes.download")}
        </Button>
        <Button onClick={onKept}>{t("codes.kept")}</Button>
      </div>
    </div>
  );
}
