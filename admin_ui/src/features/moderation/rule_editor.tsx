import { Button } from "@mantine/core";
import { IconBolt } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { ConfirmDialog } from "@/ui/confirm_dialog";
import { type Column, DataTable } from "@/ui/data_table";
import { Section } from "@/ui/page_header";
import { ErrorState, PageSkeleton } from "@/ui/states";
import { StatusPill, Tag, type Tone } from "@/ui/status_pill";
import classes from "./lead_pages.module.css";
import { RuleDialog } from "./rule_dialog";
import { RuleTests } from "./rule_tests";
import { TryText } from "./rule_trial";
import { type Rule, type RuleSetView, useSaveRules, useSwitchOn } from "./rule_writes";

const TONES: Record<Rule["severity"], Tone> = { block: "bad", flag: "warn", info: "info" };

type Props = { version: number; mayEdit: boolean };

/** One version: its rules, what it would have done to past sessions, and the switch. */
export function RuleEditor({ version, mayEdit }: Props) {
  const { data, error, refetch } = api.useQuery("get", "/v1/rule-sets/{rules_version}", {
    params: { path: { rules_version: version } },
  });
  if (data !== undefined) return <Editor set={data} mayEdit={mayEdit} />;
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  return <PageSkeleton />;
}

function Editor({ set, mayEdit }: { set: RuleSetView; mayEdit: boolean }) {
  const { t } = useTranslation("rules");
  const isDraft = set.state === "draft";
  const [opened, setOpened] = useState<Rule | "new" | null>(null);
  const save = useSaveRules(set.version, () => setOpened(null));
  const put = (rules: Rule[]) =>
    save.mutate({ row_version: set.row_version, note: set.note, rules });
  return (
    <>
      {isDraft && mayEdit && <Switch set={set} />}
      {set.changes.length > 0 && (
        <Section title={t("changes", { version: set.base_version })}>
          <ul className={classes.versions}>
            {set.changes.map(({ rule, what, fields }) => (
              <li key={rule}>
                <strong className="mono">{rule}</strong>
                <span>
                  {t(`change.${what as "changed"}`)} {fields.join(", ")}
                </span>
              </li>
            ))}
          </ul>
        </Section>
      )}
      <Section
        flush
        title={t("rules")}
        aside={
          isDraft &&
          mayEdit && (
            <Button size="compact-md" variant="default" onClick={() => setOpened("new")}>
              {t("add")}
            </Button>
          )
        }
      >
        <RuleTable rules={set.rules} onOpen={setOpened} />
      </Section>
      <TryText version={set.version} />
      {set.version > 0 && <RuleTests set={set} mayEdit={mayEdit} />}
      {opened !== null && (
        <RuleDialog
          rule={opened === "new" ? null : opened}
          taken={set.rules.map(({ id }) => id)}
          disabled={!isDraft || !mayEdit}
          pending={save.isPending}
          error={save.error}
          onClose={() => {
            setOpened(null);
            save.reset();
          }}
          onSave={(rule) =>
            put(
              opened === "new"
                ? [...set.rules, rule]
                : set.rules.map((each) => (each.id === opened.id ? rule : each)),
            )
          }
          onRemove={
            opened === "new"
              ? undefined
              : () => put(set.rules.filter((each) => each.id !== opened.id))
          }
        />
      )}
    </>
  );
}

function Switch({ set }: { set: RuleSetView }) {
  const { t } = useTranslation("rules");
  const [asked, setAsked] = useState(false);
  const switching = useSwitchOn(set.version, () => setAsked(false));
  return (
    <div className={classes.save}>
      <StatusPill tone={set.is_tested ? "ok" : "warn"}>
        {t(set.is_tested ? "tested" : "untested")}
      </StatusPill>
      <span />
      <Button leftSection={<IconBolt size={16} />} onClick={() => setAsked(true)}>
        {t("switch.verb")}
      </Button>
      {asked && (
        <ConfirmDialog
          opened
          title={t("switch.title", { version: set.version })}
          confirm={t("switch.verb")}
          pending={switching.isPending}
          error={switching.error}
          onClose={() => {
            setAsked(false);
            switching.reset();
          }}
          onConfirm={() => switching.mutate(set.row_version)}
        >
          {t(set.is_tested ? "switch.text" : "switch.text_untested")}
        </ConfirmDialog>
      )}
    </div>
  );
}

type TableProps = { rules: readonly Rule[]; onOpen: (rule: Rule) => void };

function RuleTable({ rules, onOpen }: TableProps) {
  const { t } = useTranslation("rules");
  const columns = useMemo<Column<Rule>[]>(
    () => [
      {
        id: "id",
        header: t("column.rule"),
        primary: true,
        cell: ({ id }) => <span className="mono">{id}</span>,
      },
      { id: "message", header: t("column.says"), cell: ({ message }) => message },
      { id: "kind", header: t("column.kind"), cell: ({ kind }) => t(`kind.${kind}`) },
      {
        id: "severity",
        header: t("column.severity"),
        cell: (rule) =>
          rule.is_on ? (
            <StatusPill tone={TONES[rule.severity]}>{t(`severity.${rule.severity}`)}</StatusPill>
          ) : (
            <Tag>{t("off")}</Tag>
          ),
      },
      {
        id: "points",
        header: t("column.points"),
        align: "end",
        cell: ({ points }) => (points === 0 ? "" : `+${points}`),
      },
    ],
    [t],
  );
  return (
    <DataTable
      label={t("rules")}
      columns={columns}
      rows={rules}
      rowId={(rule) => rule.id}
      rowLabel={(rule) => rule.id}
      onOpen={onOpen}
      keys
      empty={null}
    />
  );
}
