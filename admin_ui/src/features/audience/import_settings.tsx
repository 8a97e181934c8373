import { SegmentedControl, Select, Textarea, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useTranslation } from "react-i18next";
import { CountrySelect } from "@/ui/country_select";
import { Section } from "@/ui/page_header";
import { useGroupChoice } from "./audience";
import type { CheckFields } from "./import_options";
import importClasses from "./imports.module.css";

type Props = { form: UseFormReturnType<CheckFields>; editable: boolean };

/** Where the people go and how they agreed: asked once for the whole file. */
export function ImportSettings({ form, editable }: Props) {
  const { t } = useTranslation();
  const groups = useGroupChoice();
  const { group_id, new_group, duplicates } = form.values;
  return (
    <Section title={t("imports.settings")}>
      <fieldset className={importClasses.options} disabled={!editable}>
        <Select
          label={t("imports.into_group")}
          placeholder={t("imports.no_group")}
          data={groups}
          clearable
          searchable
          disabled={!editable || new_group.trim() !== ""}
          value={group_id}
          onChange={(value) => form.setFieldValue("group_id", value)}
        />
        <TextInput
          label={t("imports.new_group")}
          placeholder={t("imports.new_group_example")}
          maxLength={80}
          {...form.getInputProps("new_group")}
        />
        <CountrySelect
          label={t("imports.default_country")}
          placeholder={t("imports.default_country_none")}
          disabled={!editable}
          {...form.getInputProps("default_country")}
        />
        <div>
          <div className={importClasses.label} id="duplicates">
            {t("imports.keep")}
          </div>
          <SegmentedControl
            aria-labelledby="duplicates"
            disabled={!editable}
            value={duplicates}
            onChange={(value) => form.setFieldValue("duplicates", value)}
            data={[
              { value: "last" as const, label: t("imports.keep_last") },
              { value: "first" as const, label: t("imports.keep_first") },
            ]}
          />
        </div>
        <TextInput
          label={t("audience.consent_source")}
          placeholder={t("audience.consent_source_example")}
          maxLength={80}
          {...form.getInputProps("consent_source")}
        />
        <Encoding form={form} editable={editable} />
        <Textarea
          className={importClasses.wide}
          label={t("audience.consent_text")}
          description={t("imports.consent_hint")}
          inputWrapperOrder={["label", "input", "description", "error"]}
          placeholder={t("audience.consent_text_example")}
          autosize
          minRows={2}
          maxLength={2000}
          {...form.getInputProps("consent_text")}
        />
      </fieldset>
    </Section>
  );
}

function Encoding({ form, editable }: Props) {
  const { t } = useTranslation();
  const guessed = t("imports.guessed");
  return (
    <div className={importClasses.twins}>
      <Select
        label={t("imports.encoding")}
        placeholder={guessed}
        clearable
        disabled={!editable}
        data={[
          { value: "utf-8" as const, label: "UTF-8" },
          { value: "cp1252" as const, label: "Windows-1252" },
          { value: "utf-16-le" as const, label: "UTF-16 LE" },
          { value: "utf-16-be" as const, label: "UTF-16 BE" },
        ]}
        {...form.getInputProps("encoding")}
      />
      <Select
        label={t("imports.delimiter")}
        placeholder={guessed}
        clearable
        disabled={!editable}
        data={[
          { value: "," as const, label: t("imports.comma") },
          { value: ";" as const, label: t("imports.semicolon") },
          { value: "\t" as const, label: t("imports.tab") },
          { value: "|" as const, label: "|" },
        ]}
        {...form.getInputProps("delimiter")}
      />
    </div>
  );
}
