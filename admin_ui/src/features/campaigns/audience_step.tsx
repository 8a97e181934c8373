import { Checkbox, CloseButton, Radio, TextInput } from "@mantine/core";
import { IconSearch, IconUserMinus, IconUserPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Callout } from "@/ui/callout";
import { formatInteger } from "@/ui/format";
import { Section } from "@/ui/page_header";
import { Delayed, ErrorState } from "@/ui/states";
import classes from "./audience_step.module.css";
import { LeaveOut, OwnHours, TargetGroups } from "./audience_targets";
import { PeoplePicker } from "./people_picker";
import { groupsQuery } from "./queries";
import type { DraftHandle } from "./use_draft";

const SEARCH_FROM_GROUPS = 8;

export function AudienceStep({ draft }: { draft: DraftHandle }) {
  const { t } = useTranslation();
  const { audience } = draft.fields;
  function set(part: Partial<typeof audience>) {
    draft.change({ audience: { ...audience, ...part } });
  }
  return (
    <>
      <Section title={t("composer.audience.title")}>
        <Radio.Group
          aria-label={t("composer.audience.title")}
          value={audience.all ? "all" : "some"}
          onChange={(value) => set({ all: value === "all" })}
        >
          <div className={classes.kinds}>
            <Radio.Card value="some" className={classes.kind}>
              <Radio.Indicator />
              <span>
                <strong>{t("composer.audience.some")}</strong>
                <small>{t("composer.audience.some_hint")}</small>
              </span>
            </Radio.Card>
            <Radio.Card value="all" className={classes.kind}>
              <Radio.Indicator />
              <span>
                <strong>{t("composer.audience.all")}</strong>
                <small>{t("composer.audience.all_hint")}</small>
              </span>
            </Radio.Card>
          </div>
        </Radio.Group>
        {!audience.all && (
          <>
            <Groups chosen={audience.group_ids} onChange={(group_ids) => set({ group_ids })} />
            <TargetGroups
              chosen={audience.target_group_ids}
              onChange={(target_group_ids) => set({ target_group_ids })}
            />
          </>
        )}
        <Callout tone="info">{t("composer.audience.moment")}</Callout>
      </Section>
      {!audience.all && (
        <Section title={t("composer.audience.single")}>
          <PeoplePicker
            label={t("composer.audience.add")}
            icon={IconUserPlus}
            ids={audience.subscriber_ids}
            onChange={(subscriber_ids) => set({ subscriber_ids })}
          />
        </Section>
      )}
      <Section title={t("composer.audience.leave_out")}>
        <PeoplePicker
          label={t("composer.audience.leave_out_add")}
          icon={IconUserMinus}
          ids={audience.deselected_ids}
          onChange={(deselected_ids) => set({ deselected_ids })}
        />
        <LeaveOut audience={audience} onChange={set} />
      </Section>
      <OwnHours hours={audience.hours} onChange={(hours) => set({ hours })} />
    </>
  );
}

type GroupsProps = { chosen: readonly string[]; onChange: (ids: string[]) => void };

function Groups({ chosen, onChange }: GroupsProps) {
  const { t, i18n } = useTranslation();
  const groups = useQuery(groupsQuery);
  const [search, setSearch] = useState("");
  if (groups.isError && groups.data === undefined) {
    return <ErrorState compact error={groups.error} onRetry={() => void groups.refetch()} />;
  }
  if (groups.data === undefined) return <Delayed>{t("loading")}</Delayed>;
  const all = groups.data.items;
  const wanted = search.trim().toLowerCase();
  const shown = all.filter(({ name }) => name.toLowerCase().includes(wanted));
  const people = all
    .filter(({ id }) => chosen.includes(id))
    .reduce((sum, group) => sum + group.subscribers, 0);
  if (all.length === 0) return <p className={classes.none}>{t("composer.audience.no_groups")}</p>;
  return (
    <>
      {all.length > SEARCH_FROM_GROUPS && (
        <TextInput
          mb="xs"
          aria-label={t("composer.audience.find_group")}
          placeholder={t("composer.audience.find_group")}
          leftSection={<IconSearch size={15} aria-hidden />}
          rightSection={search !== "" && <CloseButton size="sm" onClick={() => setSearch("")} />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
      )}
      <Checkbox.Group value={[...chosen]} onChange={onChange}>
        <ul className={classes.groups}>
          {shown.map((group) => (
            <li key={group.id}>
              <Checkbox
                value={group.id}
                label={
                  <>
                    <span>{group.name}</span>
                    <span className="tabular">
                      {t("composer.audience.people", {
                        count: group.subscribers,
                        amount: formatInteger(group.subscribers, i18n.language),
                      })}
                    </span>
                  </>
                }
              />
            </li>
          ))}
        </ul>
      </Checkbox.Group>
      <p className={classes.sum} role="status">
        {t("composer.audience.sum", {
          count: people,
          amount: formatInteger(people, i18n.language),
        })}
      </p>
    </>
  );
}
