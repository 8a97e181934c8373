import {
  Button,
  NumberInput,
  PasswordInput,
  SegmentedControl,
  Switch,
  Textarea,
  TextInput,
} from "@mantine/core";
import { type UseFormReturnType, useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { present } from "@/api/present";
import { fieldErrors } from "@/api/problem";
import { useIntent } from "@/api/use_intent";
import { useRefresh } from "@/api/use_pages";
import { CountriesSelect } from "@/ui/country_select";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/states";
import { bodyOf, type Fields, fieldsOf, formErrors } from "./gateway_form";
import { GATEWAYS, type Gateway } from "./gateways";
import classes from "./gateways.module.css";

type Form = UseFormReturnType<Fields>;

export function GatewayDialog({ gateway, onClose }: { gateway?: Gateway; onClose: () => void }) {
  const { t } = useTranslation("gateways");
  const { t: said } = useTranslation();
  const refresh = useRefresh();
  const isNew = gateway === undefined;
  const form = useForm<Fields>({
    initialValues: fieldsOf(gateway),
    validate: {
      name: (name) => (name.trim() === "" ? t("name_needed") : null),
      host: (host, { kind }) => (kind === "smpp" && host.trim() === "" ? t("host_needed") : null),
      system_id: (id, { kind }) => (kind === "smpp" && id.trim() === "" ? t("id_needed") : null),
      url: (url, { kind }) =>
        kind === "http_json" && !/^https?:\/\/\S+$/.test(url.trim()) ? t("url_needed") : null,
      secret: (secret) => (isNew && secret === "" ? t("secret_needed") : null),
      reason: (reason) => (reason.trim().length < 3 ? t("reason_needed") : null),
    },
  });
  const saving = useIntent(
    async (fields: Fields, headers) => {
      const body = bodyOf(fields, gateway?.settings);
      if (gateway === undefined) {
        const given = { ...body, secret: fields.secret };
        return present(await client.POST("/v1/gateways", { body: given, headers }));
      }
      return present(
        await client.PUT("/v1/gateways/{gateway_id}", {
          params: { path: { gateway_id: gateway.id } },
          body: { ...body, version: gateway.version },
          headers,
        }),
      );
    },
    {
      onSuccess: async () => {
        await refresh(GATEWAYS);
        onClose();
      },
    },
  );
  return (
    <Dialog
      size="lg"
      onClose={onClose}
      closeOnClickOutside={false}
      title={isNew ? t("add") : t("edit_title", { name: gateway.name })}
    >
      <form
        className={classes.form}
        noValidate
        onSubmit={form.onSubmit((fields) =>
          saving.mutate(fields, {
            onError: (problem) => form.setErrors(formErrors(fieldErrors(problem))),
          }),
        )}
      >
        {isNew && (
          <SegmentedControl
            aria-label={t("kind.title")}
            data={[
              { value: "smpp", label: t("kind.smpp") },
              { value: "http_json", label: t("kind.http_json") },
            ]}
            {...form.getInputProps("kind")}
          />
        )}
        <TextInput
          label={t("name")}
          maxLength={60}
          data-autofocus
          {...form.getInputProps("name")}
        />
        {form.values.kind === "smpp" ? <SmppFields form={form} /> : <HttpFields form={form} />}
        {isNew && (
          <PasswordInput
            label={t("secret")}
            description={t("secret_hint")}
            autoComplete="off"
            maxLength={200}
            {...form.getInputProps("secret")}
          />
        )}
        <CountriesSelect
          label={t("countries")}
          placeholder={form.values.countries.length === 0 ? t("all_countries") : undefined}
          {...form.getInputProps("countries")}
        />
        <div className={classes.pair}>
          <NumberInput
            label={t("weight")}
            description={t("weight_hint")}
            min={1}
            max={1000}
            {...form.getInputProps("weight")}
          />
          <NumberInput
            label={t("limit")}
            description={t("limit_hint")}
            min={0}
            placeholder={t("unlimited")}
            {...form.getInputProps("limit")}
          />
          <NumberInput
            label={t("sender_limit")}
            description={t("limit_hint")}
            min={0}
            placeholder={t("unlimited")}
            {...form.getInputProps("sender_limit")}
          />
        </div>
        <Textarea
          label={t("reason")}
          placeholder={t("reason_example")}
          autosize
          minRows={2}
          maxLength={500}
          {...form.getInputProps("reason")}
        />
        {saving.isError && <ErrorState error={saving.error} compact />}
        <div className={classes.actions}>
          <Button variant="default" onClick={onClose}>
            {said("confirm.cancel")}
          </Button>
          <Button type="submit" loading={saving.isPending}>
            {isNew ? t("add") : t("save")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function SmppFields({ form }: { form: Form }) {
  const { t } = useTranslation("gateways");
  return (
    <>
      <div className={classes.pair}>
        <TextInput
          label={t("host")}
          placeholder="smpp.carrier.example"
          {...form.getInputProps("host")}
        />
        <NumberInput label={t("port")} min={1} max={65535} {...form.getInputProps("port")} />
        <TextInput
          label={t("system_id")}
          autoComplete="off"
          maxLength={64}
          {...form.getInputProps("system_id")}
        />
      </div>
      <div className={classes.pair}>
        <NumberInput
          label={t("sessions_count")}
          min={1}
          max={64}
          {...form.getInputProps("sessions_count")}
        />
        <NumberInput
          label={t("window_max")}
          min={1}
          max={10000}
          {...form.getInputProps("window_segments_max")}
        />
      </div>
      <Switch label={t("has_tls")} {...form.getInputProps("has_tls", { type: "checkbox" })} />
    </>
  );
}

function HttpFields({ form }: { form: Form }) {
  const { t } = useTranslation("gateways");
  return (
    <>
      <TextInput
        label={t("url")}
        placeholder="https://sms.carrier.example/v1"
        {...form.getInputProps("url")}
      />
      <TextInput
        label={t("callback")}
        description={t("callback_hint")}
        {...form.getInputProps("callback_url")}
      />
      <NumberInput
        label={t("per_request")}
        min={1}
        max={1000}
        {...form.getInputProps("messages_per_request_max")}
      />
    </>
  );
}
