import { Button, Checkbox, CopyButton, Switch, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { IconAlertTriangle, IconCheck, IconCopy } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { present } from "@/api/present";
import { fieldErrors } from "@/api/problem";
import type { components } from "@/api/schema";
import { useIntent } from "@/api/use_intent";
import { useRefresh } from "@/api/use_pages";
import { Dialog } from "@/ui/dialog";
import { Note } from "@/ui/facts";
import { ErrorState } from "@/ui/states";
import classes from "./settings.module.css";

type Scope = components["schemas"]["KeyScope"];

/** In the order of a first integration; each with what it lets a program do, in one line. */
const SCOPES = [
  ["sessions:write", "sessions_write"],
  ["sessions:cancel", "sessions_cancel"],
  ["reports:read", "reports_read"],
  ["subscribers:read", "subscribers_read"],
  ["subscribers:write", "subscribers_write"],
  ["optouts:write", "optouts_write"],
  ["templates:write", "templates_write"],
  ["exports:create", "exports_create"],
  ["balance:read", "balance_read"],
  ["pii:read", "pii_read"],
  ["audit:read", "audit_read"],
] as const satisfies readonly (readonly [Scope, string])[];

type Fields = { name: string; scopes: Scope[]; is_test: boolean; expires_on: string };

export function NewKeyDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const refresh = useRefresh();
  const form = useForm<Fields>({
    initialValues: { name: "", scopes: [], is_test: false, expires_on: "" },
    validate: {
      name: (name) => (name.trim() === "" ? t("settings.key_name_needed") : null),
      scopes: (scopes) => (scopes.length === 0 ? t("settings.scopes_needed") : null),
    },
  });
  const creating = useIntent(
    async ({ name, scopes, is_test, expires_on }: Fields, headers) =>
      present(
        await client.POST("/v1/api-keys", {
          body: {
            name: name.trim(),
            scopes,
            is_test,
            expires_at: expires_on ? new Date(`${expires_on}T23:59:59`).toISOString() : null,
          },
          headers,
        }),
      ),
    { onSuccess: () => refresh("/v1/api-keys") },
  );
  const secret = creating.data?.secret;
  return (
    <Dialog
      onClose={onClose}
      // A slip of the mouse must not lose what is shown once.
      closeOnClickOutside={secret === undefined}
      title={secret === undefined ? t("settings.new_key") : t("settings.key_made")}
      size="lg"
    >
      {secret !== undefined ? (
        <Secret secret={secret} onClose={onClose} />
      ) : (
        <form
          className={classes.form}
          noValidate
          onSubmit={form.onSubmit((fields) =>
            creating.mutate(fields, { onError: (problem) => form.setErrors(fieldErrors(problem)) }),
          )}
        >
          <TextInput
            label={t("settings.key_name")}
            placeholder={t("settings.key_name_example")}
            maxLength={80}
            data-autofocus
            {...form.getInputProps("name")}
          />
          <Checkbox.Group
            label={t("settings.scopes")}
            description={t("settings.scopes_hint")}
            {...form.getInputProps("scopes")}
          >
            <div className={classes.scopes} style={{ marginTop: 10 }}>
              {SCOPES.map(([scope, key]) => (
                <Checkbox
                  key={scope}
                  value={scope}
                  label={<span className="mono">{scope}</span>}
                  description={t(`scope.${key}`)}
                />
              ))}
            </div>
          </Checkbox.Group>
          <TextInput
            label={t("settings.expires")}
            description={t("settings.expires_hint")}
            inputWrapperOrder={["label", "input", "description", "error"]}
            type="date"
            {...form.getInputProps("expires_on")}
          />
          <Switch
            label={t("settings.is_test")}
            description={t("settings.is_test_hint")}
            {...form.getInputProps("is_test", { type: "checkbox" })}
          />
          {creating.isError && <ErrorState error={creating.error} compact />}
          <div className={classes.actions}>
            <Button variant="default" onClick={onClose}>
              {t("confirm.cancel")}
            </Button>
            <Button type="submit" loading={creating.isPending}>
              {t("settings.create_key")}
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}

function Secret({ secret, onClose }: { secret: string; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <div className={classes.form}>
      <Note tone="warn" icon={<IconAlertTriangle size={17} aria-hidden />}>
        {t("settings.secret_once")}
      </Note>
      <div className={classes.secret}>
        <code>{secret}</code>
        <CopyButton value={secret}>
          {({ copied, copy }) => (
            <Button
              variant="default"
              onClick={copy}
              leftSection={
                copied ? <IconCheck size={15} aria-hidden /> : <IconCopy size={15} aria-hidden />
              }
            >
              <span aria-live="polite">{copied ? t("error.copied") : t("settings.copy")}</span>
            </Button>
          )}
        </CopyButton>
      </div>
      <div className={classes.actions}>
        <Button onClick={onClose}>{t("settings.kept_it")}</Button>
      </div>
    </div>
  );
}
