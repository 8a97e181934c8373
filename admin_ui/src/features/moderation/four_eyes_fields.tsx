import { Checkbox, NumberInput, TagsInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { components } from "@/api/schema";
import { Section } from "@/ui/page_header";
import classes from "./lead_pages.module.css";

type FourEyes = components["schemas"]["FourEyes"];

const COUNT_MAX = 10_000_000;
const SCORE_MAX = 100;

type Props = { value: FourEyes; disabled: boolean; onChange: (value: FourEyes) => void };

export function FourEyesFields({ value, disabled, onChange }: Props) {
  const { t } = useTranslation("lead");
  const from = (name: "recipients_min" | "score_min", max: number) => (
    <NumberInput
      label={t(`four_eyes.${name}`)}
      placeholder={t("four_eyes.never")}
      min={0}
      max={max}
      allowDecimal={false}
      thousandSeparator=" "
      value={value[name] ?? ""}
      onChange={(next) => onChange({ ...value, [name]: typeof next === "number" ? next : null })}
    />
  );
  return (
    <Section title={t("four_eyes.title")}>
      <p className={classes.hint}>{t("four_eyes.text")}</p>
      <fieldset className={classes.fields} disabled={disabled}>
        {from("recipients_min", COUNT_MAX)}
        {from("score_min", SCORE_MAX)}
        <Checkbox
          mt="lg"
          label={t("four_eyes.new_country")}
          checked={value.new_country ?? true}
          onChange={(event) => onChange({ ...value, new_country: event.currentTarget.checked })}
        />
        <TagsInput
          className={classes.wide}
          label={t("four_eyes.rules_hit")}
          value={[...(value.rules_hit ?? [])]}
          onChange={(rules_hit) => onChange({ ...value, rules_hit })}
        />
      </fieldset>
    </Section>
  );
}
