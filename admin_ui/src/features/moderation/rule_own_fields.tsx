import { MultiSelect, NumberInput, TagsInput, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import classes from "./lead_pages.module.css";
import { brandsOf, FIELDS_OF, LINK_FORMS, textOfBrands } from "./rule_fields";
import type { Rule } from "./rule_writes";

const FIGURES = [
  "letters_min",
  "capitals_percent_max",
  "recipients_min",
  "times_max",
  "similar_percent_min",
  "days_max",
] as const;
const PATTERN_CHARACTERS_MAX = 500;

type Props = { rule: Rule; onChange: (part: Partial<Rule>) => void };

/** Only what a rule of this kind reads. */
export function RuleFields({ rule, onChange }: Props) {
  const { t } = useTranslation("rules");
  const reads = new Set<string>(FIELDS_OF[rule.kind] ?? []);
  return (
    <>
      {(["words", "hosts"] as const)
        .filter((name) => reads.has(name))
        .map((name) => (
          <TagsInput
            key={name}
            className={classes.wide}
            label={t(`field.${name}`)}
            description={t(`field.${name}_text`)}
            splitChars={[",", "\n"]}
            value={[...(rule[name] ?? [])]}
            onChange={(value) => onChange({ [name]: value })}
          />
        ))}
      {reads.has("pattern") && (
        <TextInput
          className={classes.wide}
          label={t("field.pattern")}
          description={t("field.pattern_text")}
          styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
          maxLength={PATTERN_CHARACTERS_MAX}
          value={rule.pattern}
          onChange={(event) => onChange({ pattern: event.currentTarget.value })}
        />
      )}
      {reads.has("forms") && (
        <MultiSelect
          className={classes.wide}
          label={t("field.forms")}
          data={LINK_FORMS.map((value) => ({ value, label: t(`form.${value}`) }))}
          value={[...(rule.forms ?? [])]}
          onChange={(value) => onChange({ forms: value as Rule["forms"] })}
        />
      )}
      {reads.has("brands") && <Brands rule={rule} onChange={onChange} />}
      {FIGURES.filter((name) => reads.has(name)).map((name) => (
        <NumberInput
          key={name}
          label={t(`field.${name}`)}
          placeholder={t("field.usual")}
          min={1}
          allowDecimal={false}
          value={rule[name] ?? ""}
          onChange={(value) => onChange({ [name]: typeof value === "number" ? value : null })}
        />
      ))}
    </>
  );
}

function Brands({ rule, onChange }: Props) {
  const { t } = useTranslation("rules");
  const [text, setText] = useState(textOfBrands(rule.brands ?? []));
  return (
    <Textarea
      className={classes.wide}
      autosize
      maxRows={10}
      label={t("field.brands")}
      description={t("field.brands_text")}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        onChange({ brands: brandsOf(event.currentTarget.value) });
      }}
    />
  );
}
