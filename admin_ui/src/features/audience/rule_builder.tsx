import { ActionIcon, Button, Menu, NumberInput, Select } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { type Attribute, useAttributes, useGroupChoice } from "./audience";
import classes from "./rule_builder.module.css";
import { asList, blank, type Combined, type Kind, type Rule } from "./rule_model";
import { Compared } from "./rule_values";
import { useTargetChoice } from "./target_groups";

const DEPTH_MAX = 6;
const KINDS: readonly Kind[] = [
  ...(["attribute", "field", "group", "target_group", "consent", "activity"] as const),
  ...(["all", "any", "not"] as const),
];
const EVENTS = ["accepted", "delivered", "replied"] as const;

type Changes<R extends Rule = Rule> = { rule: R; onChange: (rule: Rule) => void };
type Props = Changes & { own?: string };

/** Conditions joined by all, any and not; every part can be a list of its own. */
export function RuleBuilder({ rule, onChange, own }: Props) {
  const attributes = useAttributes();
  const targets = useTargetChoice().filter(({ value }) => value !== own);
  return (
    <List
      rule={asList(rule)}
      onChange={onChange}
      known={{ attributes, targets, groups: useGroupChoice() }}
      depth={1}
    />
  );
}

type Choice = { value: string; label: string };
type Known = {
  attributes: readonly Attribute[];
  groups: readonly Choice[];
  targets: readonly Choice[];
};
type Part<R extends Rule = Rule> = Changes<R> & { known: Known };

function List({ rule, onChange, known, depth }: Part<Combined> & { depth: number }) {
  const { t } = useTranslation("targeting");
  function replace(at: number, part: Rule | null) {
    const of = rule.of.flatMap((one, index) =>
      index !== at ? [one] : part === null ? [] : [part],
    );
    onChange({ ...rule, of });
  }
  return (
    <fieldset className={classes.list} data-kind={rule.kind}>
      <legend>
        <Select
          size="xs"
          w={210}
          allowDeselect={false}
          aria-label={t("rule.joined")}
          value={rule.kind}
          data={(["all", "any"] as const).map((value) => ({ value, label: t(`rule.${value}`) }))}
          onChange={(kind) => onChange({ ...rule, kind: kind === "any" ? "any" : "all" })}
        />
      </legend>
      {rule.of.map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: conditions have no name and never reorder
        <div key={index} className={classes.row}>
          <Term
            rule={part}
            known={known}
            depth={depth}
            onChange={(changed) => replace(index, changed)}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t("rule.remove", { number: index + 1 })}
            disabled={rule.of.length === 1}
            onClick={() => replace(index, null)}
          >
            <IconTrash size={16} aria-hidden />
          </ActionIcon>
        </div>
      ))}
      <Add
        depth={depth}
        known={known}
        onAdd={(part) => onChange({ ...rule, of: [...rule.of, part] })}
      />
    </fieldset>
  );
}

function Add({ depth, known, onAdd }: { depth: number; known: Known; onAdd: (r: Rule) => void }) {
  const { t } = useTranslation("targeting");
  const offered = KINDS.filter(
    (kind) =>
      (depth < DEPTH_MAX || !["all", "any", "not"].includes(kind)) &&
      (kind !== "attribute" || known.attributes.length > 0) &&
      (kind !== "group" || known.groups.length > 0) &&
      (kind !== "target_group" || known.targets.length > 0),
  );
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconPlus size={14} aria-hidden />}
          className={classes.add}
        >
          {t("rule.add")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {offered.map((kind) => (
          <Menu.Item key={kind} onClick={() => onAdd(blank(kind, known.attributes))}>
            {t(`rule.kind.${kind}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function Term({ rule, onChange, known, depth }: Part & { depth: number }) {
  const { t } = useTranslation("targeting");
  switch (rule.kind) {
    case "all":
    case "any":
      return <List rule={rule} onChange={onChange} known={known} depth={depth + 1} />;
    case "not":
      return (
        <div className={classes.not}>
          <strong>{t("rule.not")}</strong>
          <Term
            rule={rule.of}
            known={known}
            depth={depth + 1}
            onChange={(of) => onChange({ kind: "not", of })}
          />
        </div>
      );
    case "consent":
      return <span className={classes.words}>{t("rule.has_consent")}</span>;
    case "group":
    case "target_group":
      return (
        <span className={classes.parts}>
          <span>{t(`rule.in_${rule.kind}`)}</span>
          <Select
            searchable
            allowDeselect={false}
            aria-label={t(`rule.kind.${rule.kind}`)}
            placeholder={t("rule.choose")}
            value={rule.id || null}
            data={[...(rule.kind === "group" ? known.groups : known.targets)]}
            onChange={(id) => onChange({ ...rule, id: id ?? "" })}
          />
        </span>
      );
    case "activity":
      return <Activity rule={rule} onChange={onChange} />;
    default:
      return <Compared rule={rule} onChange={onChange} attributes={known.attributes} />;
  }
}

function Activity({ rule, onChange }: Changes<Extract<Rule, { kind: "activity" }>>) {
  const { t } = useTranslation("targeting");
  return (
    <span className={classes.parts}>
      <Select
        w={210}
        allowDeselect={false}
        aria-label={t("rule.kind.activity")}
        value={rule.event}
        data={EVENTS.map((value) => ({ value, label: t(`rule.event.${value}`) }))}
        onChange={(value) =>
          onChange({ ...rule, event: EVENTS.find((one) => one === value) ?? rule.event })
        }
      />
      <span>{t("rule.in_last")}</span>
      <NumberInput
        w={120}
        min={1}
        max={3650}
        aria-label={t("rule.days")}
        placeholder={t("rule.ever")}
        suffix={` ${t("rule.days")}`}
        value={rule.days ?? ""}
        onChange={(days) => onChange({ ...rule, days: typeof days === "number" ? days : null })}
      />
    </span>
  );
}
