import { Button, Group, NumberInput, Select, Switch, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/states";
import classes from "./lead_pages.module.css";
import { FIELDS_OF, RULE_CLASSES, RULE_KINDS } from "./rule_fields";
import { RuleFields } from "./rule_own_fields";
import type { Rule } from "./rule_writes";

const SEVERITIES = ["info", "flag", "block"] as const;
const POINTS_MAX = 100;
const MESSAGE_CHARACTERS_MAX = 300;
const EMPTY: Rule = {
  id: "",
  kind: "words",
  severity: "flag",
  points: 10,
  message: "",
  is_on: true,
  pattern: "",
};

type Props = {
  rule: Rule | null;
  taken: readonly string[];
  disabled: boolean;
  pending: boolean;
  error: unknown;
  onClose: () => void;
  onSave: (rule: Rule) => void;
  onRemove: (() => void) | undefined;
};

/** A rule says what it looks at, what it does, and in which words it names itself. */
export function RuleDialog(props: Props) {
  const { t } = useTranslation("rules");
  const [rule, setRule] = useState<Rule>(props.rule ?? EMPTY);
  const isNew = props.rule === null;
  const isTaken = isNew && props.taken.includes(rule.id);
  const change = (part: Partial<Rule>) => setRule({ ...rule, ...part });
  return (
    <Dialog
      size="lg"
      title={isNew ? t("add") : rule.id}
      onClose={props.onClose}
      closeOnClickOutside={false}
    >
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!isTaken) props.onSave(onlyRead(rule));
        }}
      >
        <fieldset className={classes.fields} disabled={props.disabled}>
          <TextInput
            label={t("field.id")}
            description={t("field.id_text")}
            maxLength={50}
            disabled={!isNew}
            error={isTaken && t("field.id_taken")}
            value={rule.id}
            onChange={(event) => change({ id: event.currentTarget.value })}
          />
          <Select
            label={t("column.kind")}
            allowDeselect={false}
            searchable
            disabled={!isNew}
            value={rule.kind}
            data={RULE_KINDS.map((value) => ({ value, label: t(`kind.${value}`) }))}
            onChange={(value) => change({ kind: value as Rule["kind"] })}
          />
          <Select
            label={t("column.severity")}
            allowDeselect={false}
            value={rule.severity}
            data={SEVERITIES.map((value) => ({ value, label: t(`severity.${value}`) }))}
            onChange={(value) => change({ severity: value as Rule["severity"] })}
          />
          <NumberInput
            label={t("column.points")}
            min={0}
            max={POINTS_MAX}
            allowDecimal={false}
            value={rule.points}
            onChange={(value) => typeof value === "number" && change({ points: value })}
          />
          <TextInput
            className={classes.wide}
            label={t("column.says")}
            maxLength={MESSAGE_CHARACTERS_MAX}
            value={rule.message}
            onChange={(event) => change({ message: event.currentTarget.value })}
          />
          <RuleFields rule={rule} onChange={change} />
          <Select
            label={t("field.class")}
            clearable
            value={rule.content_class ?? null}
            data={RULE_CLASSES.map((value) => ({ value, label: t(`class.${value}`) }))}
            onChange={(value) => change({ content_class: value as Rule["content_class"] })}
          />
          <Switch
            mt="lg"
            label={t("field.is_on")}
            checked={rule.is_on}
            onChange={(event) => change({ is_on: event.currentTarget.checked })}
          />
        </fieldset>
        {props.error !== null && props.error !== undefined && (
          <ErrorState error={props.error} compact />
        )}
        {!props.disabled && (
          <Group justify="flex-end" mt="lg" gap="xs">
            {props.onRemove !== undefined && (
              <Button variant="default" data-tone="bad" mr="auto" onClick={props.onRemove}>
                {t("remove")}
              </Button>
            )}
            <Button variant="default" onClick={props.onClose}>
              {t("cancel")}
            </Button>
            <Button type="submit" loading={props.pending}>
              {t("save")}
            </Button>
          </Group>
        )}
      </form>
    </Dialog>
  );
}

/** What a kind does not read stays out: the server takes a leftover for a misunderstanding. */
function onlyRead(rule: Rule): Rule {
  const reads = new Set<string>(FIELDS_OF[rule.kind] ?? []);
  const kept: Rule = {
    id: rule.id,
    kind: rule.kind,
    severity: rule.severity,
    points: rule.points,
    message: rule.message.trim(),
    is_on: rule.is_on,
    content_class: rule.content_class ?? null,
    pattern: reads.has("pattern") ? rule.pattern : "",
  };
  const own = Object.entries(rule).filter(([name]) => reads.has(name));
  return { ...kept, ...Object.fromEntries(own) };
}
