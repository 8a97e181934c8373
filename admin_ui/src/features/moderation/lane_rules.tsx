import {
  ActionIcon,
  Button,
  MultiSelect,
  NumberInput,
  Select,
  TagsInput,
  TextInput,
} from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconPlus, IconTrash } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { components } from "@/api/schema";
import { Section } from "@/ui/page_header";
import classes from "./lead_pages.module.css";
import { LANES, type LaneName } from "./search";
import { moved, replaced, without } from "./use_edited";

type LaneRule = components["schemas"]["LaneRule"];

const KINDS = [
  "campaign_session",
  "template_version",
  "sender_id",
  "appeal",
  "after_review",
] as const;
const COUNT_MAX = 10_000_000;
const SCORE_MAX = 100;
const RULES_MAX = 50;

type Props = {
  lanes: readonly LaneRule[];
  disabled: boolean;
  onChange: (lanes: LaneRule[]) => void;
};

/** The first rule that holds names the lane: their order is half of what they say. */
export function LaneRules({ lanes, disabled, onChange }: Props) {
  const { t } = useTranslation("lead");
  return (
    <Section title={t("lanes.title")}>
      <p className={classes.hint}>{t("lanes.text")}</p>
      <ol className={classes.cards}>
        {lanes.map((rule, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a rule has no id; its place is what it is
          <li key={at}>
            <fieldset disabled={disabled} style={{ margin: 0, padding: 0, border: 0 }}>
              <div className={classes.cardHead}>
                <strong>
                  {at + 1}. {rule.name}
                </strong>
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={t("up", { name: rule.name })}
                  disabled={at === 0}
                  onClick={() => onChange(moved(lanes, at, -1))}
                >
                  <IconArrowUp size={16} />
                </ActionIcon>
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={t("down", { name: rule.name })}
                  disabled={at === lanes.length - 1}
                  onClick={() => onChange(moved(lanes, at, 1))}
                >
                  <IconArrowDown size={16} />
                </ActionIcon>
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={t("remove", { name: rule.name })}
                  onClick={() => onChange(without(lanes, at))}
                >
                  <IconTrash size={16} />
                </ActionIcon>
              </div>
              <LaneRuleFields
                rule={rule}
                onChange={(next) => onChange(replaced(lanes, at, next))}
              />
            </fieldset>
          </li>
        ))}
      </ol>
      {!disabled && lanes.length < RULES_MAX && (
        <Button
          mt="sm"
          variant="default"
          leftSection={<IconPlus size={16} />}
          onClick={() => onChange([...lanes, { lane: "flagged", name: t("lanes.new") }])}
        >
          {t("lanes.add")}
        </Button>
      )}
    </Section>
  );
}

type FieldsProps = { rule: LaneRule; onChange: (rule: LaneRule) => void };

function LaneRuleFields({ rule, onChange }: FieldsProps) {
  const { t } = useTranslation("lead");
  const least = (name: "recipients_min" | "segments_min" | "score_min", max: number) => (
    <NumberInput
      label={t(`lanes.${name}`)}
      placeholder={t("lanes.any")}
      min={0}
      max={max}
      allowDecimal={false}
      thousandSeparator=" "
      value={rule[name] ?? ""}
      onChange={(value) => onChange({ ...rule, [name]: typeof value === "number" ? value : null })}
    />
  );
  return (
    <div className={classes.fields}>
      <TextInput
        label={t("lanes.name")}
        maxLength={80}
        value={rule.name}
        onChange={(event) => onChange({ ...rule, name: event.currentTarget.value })}
      />
      <Select
        label={t("lanes.lane")}
        allowDeselect={false}
        value={rule.lane}
        data={LANES.map((value) => ({ value, label: t(`lane.${value}`) }))}
        onChange={(value) => onChange({ ...rule, lane: value as LaneName })}
      />
      {least("recipients_min", COUNT_MAX)}
      {least("segments_min", COUNT_MAX)}
      {least("score_min", SCORE_MAX)}
      <Select
        label={t("lanes.is_first")}
        allowDeselect={false}
        value={
          rule.is_first === null || rule.is_first === undefined ? "any" : String(rule.is_first)
        }
        data={["any", "true", "false"].map((value) => ({
          value,
          label: t(`lanes.first.${value as "any"}`),
        }))}
        onChange={(value) =>
          onChange({ ...rule, is_first: value === "any" ? null : value === "true" })
        }
      />
      <MultiSelect
        label={t("lanes.kinds")}
        placeholder={(rule.kinds ?? []).length === 0 ? t("lanes.any") : undefined}
        data={KINDS.map((value) => ({ value, label: t(`kind.${value}`) }))}
        value={[...(rule.kinds ?? [])]}
        onChange={(kinds) => onChange({ ...rule, kinds: kinds as LaneRule["kinds"] })}
      />
      <TagsInput
        className={classes.wide}
        label={t("lanes.rules_hit")}
        placeholder={(rule.rules_hit ?? []).length === 0 ? t("lanes.any") : undefined}
        value={[...(rule.rules_hit ?? [])]}
        onChange={(rules_hit) => onChange({ ...rule, rules_hit })}
      />
    </div>
  );
}
