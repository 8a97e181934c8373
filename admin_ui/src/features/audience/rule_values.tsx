import { NumberInput, Select, TagsInput, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { CountriesSelect } from "@/ui/country_select";
import type { Attribute } from "./audience";
import classes from "./rule_builder.module.css";
import {
  type Comparison,
  comparisonsOf,
  FIELDS,
  type Valued,
  valuesOf,
  withComparison,
} from "./rule_model";

type Changes = { rule: Valued; onChange: (rule: Valued) => void };

/** An attribute or a field, how it is compared, and with what. */
export function Compared({
  rule,
  onChange,
  attributes,
}: Changes & { attributes: readonly Attribute[] }) {
  const { t } = useTranslation("targeting");
  const attribute = attributes.find(({ name }) => name === rule.name);
  const kind = rule.kind === "field" ? "text" : (attribute?.kind ?? "text");
  const names =
    rule.kind === "field"
      ? FIELDS.map((value) => ({ value, label: t(`rule.field.${value}`) }))
      : attributes.map(({ name, label }) => ({ value: name, label }));
  function rename(name: string) {
    const next = attributes.find((one) => one.name === name)?.kind ?? "text";
    const allowed = comparisonsOf(rule.kind === "field" ? "text" : next);
    const comparison = allowed.includes(rule.comparison) ? rule.comparison : allowed[0];
    onChange({ ...withComparison(rule, comparison ?? "equals"), name, values: [] });
  }
  return (
    <span className={classes.parts}>
      <Select
        searchable
        w={170}
        allowDeselect={false}
        aria-label={t(`rule.kind.${rule.kind}`)}
        value={rule.name}
        data={names}
        onChange={(name) => name !== null && rename(name)}
      />
      <Select
        w={170}
        allowDeselect={false}
        aria-label={t("rule.comparison")}
        value={rule.comparison}
        data={comparisonsOf(kind).map((value) => ({
          value,
          label: t(kind === "date" ? dated(value) : `rule.compare.${value}`),
        }))}
        onChange={(value) => value !== null && onChange(withComparison(rule, value as Comparison))}
      />
      <Values rule={rule} kind={kind} onChange={onChange} />
    </span>
  );
}

function dated(comparison: Comparison) {
  return comparison === "at_least" || comparison === "at_most"
    ? (`rule.compare.date_${comparison}` as const)
    : (`rule.compare.${comparison}` as const);
}

function Values({ rule, kind, onChange }: Changes & { kind: Attribute["kind"] }) {
  const { t } = useTranslation("targeting");
  const wanted = valuesOf(rule.comparison);
  const set = (values: Valued["values"]) => onChange({ ...rule, values });
  if (wanted === 0) return null;
  if (rule.kind === "field" && rule.name === "country" && wanted === "many") {
    return (
      <CountriesSelect
        miw={220}
        aria-label={t("rule.value")}
        value={rule.values.map(String)}
        onChange={set}
      />
    );
  }
  if (wanted === "many") {
    return (
      <TagsInput
        miw={220}
        aria-label={t("rule.value")}
        placeholder={t("rule.values")}
        value={rule.values.map(String)}
        onChange={set}
      />
    );
  }
  if (kind === "boolean") {
    return (
      <Select
        w={110}
        allowDeselect={false}
        aria-label={t("rule.value")}
        value={rule.values[0] === undefined ? null : String(rule.values[0])}
        data={["true", "false"].map((value) => ({ value, label: t(`rule.${value as "true"}`) }))}
        onChange={(value) => set([value === "true"])}
      />
    );
  }
  if (rule.comparison === "in_last_days" || rule.comparison === "in_next_days") {
    return (
      <NumberInput
        w={120}
        min={1}
        max={3650}
        aria-label={t("rule.days")}
        suffix={` ${t("rule.days")}`}
        value={typeof rule.values[0] === "number" ? rule.values[0] : ""}
        onChange={(days) => set(typeof days === "number" ? [days] : [])}
      />
    );
  }
  return Array.from({ length: wanted }, (_, at) => (
    <TextInput
      // biome-ignore lint/suspicious/noArrayIndexKey: the first and the second value
      key={at}
      w={150}
      type={kind === "date" ? "date" : "text"}
      inputMode={kind === "number" ? "decimal" : undefined}
      aria-label={wanted === 2 ? t(at === 0 ? "rule.from" : "rule.to") : t("rule.value")}
      value={String(rule.values[at] ?? "")}
      onChange={(event) => {
        const values = Array.from({ length: wanted }, (__, one) => rule.values[one] ?? "");
        values[at] = event.currentTarget.value;
        set(values);
      }}
    />
  ));
}
