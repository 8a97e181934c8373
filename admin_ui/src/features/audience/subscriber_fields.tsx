import { Select, Textarea, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Attribute } from "./audience";
import classes from "./audience.module.css";
import type { SubscriberFields } from "./subscriber_form";

export type SubscriberForm = UseFormReturnType<SubscriberFields>;
type Props = { form: SubscriberForm };

/** Who the person is, and what the tenant knows of them; the same in new and edit. */
export function PersonFields({ form, attributes }: Props & { attributes: readonly Attribute[] }) {
  const { t } = useTranslation();
  const zones = useMemo(() => Intl.supportedValuesOf("timeZone"), []);
  return (
    <>
      <div className={classes.pair}>
        <TextInput label={t("audience.name")} {...form.getInputProps("name")} />
        <TextInput label={t("audience.email")} type="email" {...form.getInputProps("email")} />
        <TextInput label={t("audience.external_id")} {...form.getInputProps("external_id")} />
        <TextInput
          label={t("audience.language")}
          placeholder="nb, fr, en-GB"
          {...form.getInputProps("language")}
        />
      </div>
      <Select
        label={t("audience.time_zone")}
        data={zones}
        searchable
        clearable
        limit={60}
        {...form.getInputProps("time_zone")}
      />
      {attributes.length > 0 && (
        <fieldset className={classes.fieldset}>
          <legend className={classes.legend}>{t("audience.attributes")}</legend>
          <div className={classes.pair}>
            {attributes.map((attribute) => (
              <AttributeField key={attribute.name} form={form} attribute={attribute} />
            ))}
          </div>
        </fieldset>
      )}
    </>
  );
}

function AttributeField({ form, attribute }: Props & { attribute: Attribute }) {
  const { t } = useTranslation();
  const { name, label, kind } = attribute;
  const value = form.values.attributes[name] ?? "";
  const error = form.errors[`attributes.${name}`];
  const set = (text: string) =>
    form.setFieldValue("attributes", { ...form.values.attributes, [name]: text });
  if (kind === "boolean") {
    return (
      <Select
        label={label}
        error={error}
        clearable
        data={[
          { value: "true", label: t("audience.yes") },
          { value: "false", label: t("audience.no") },
        ]}
        value={value === "" ? null : value}
        onChange={(chosen) => set(chosen ?? "")}
      />
    );
  }
  return (
    <TextInput
      label={label}
      error={error}
      type={kind === "date" ? "date" : "text"}
      inputMode={kind === "number" ? "decimal" : undefined}
      value={value}
      onChange={(event) => set(event.currentTarget.value)}
    />
  );
}

export function ConsentFields({ form, hint }: Props & { hint: string }) {
  const { t } = useTranslation();
  return (
    <fieldset className={classes.fieldset}>
      <legend className={classes.legend}>{t("audience.consent")}</legend>
      <TextInput
        label={t("audience.consent_source")}
        placeholder={t("audience.consent_source_example")}
        description={hint}
        inputWrapperOrder={["label", "input", "description", "error"]}
        {...form.getInputProps("consent_source")}
      />
      <Textarea
        label={t("audience.consent_text")}
        placeholder={t("audience.consent_text_example")}
        autosize
        minRows={2}
        {...form.getInputProps("consent_text")}
      />
    </fieldset>
  );
}
