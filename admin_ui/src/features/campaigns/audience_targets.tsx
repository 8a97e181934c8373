import { Checkbox, MultiSelect } from "@mantine/core";
import { IconTargetArrow } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { AudienceInput } from "@/api/shapes";
import { rulesOf } from "@/ui/hours";
import { HoursFields } from "@/ui/hours_fields";
import { Section } from "@/ui/page_header";
import classes from "./audience_step.module.css";
import { groupsQuery, targetGroupsQuery } from "./queries";

type Audience = Required<AudienceInput>;
type Choice = { chosen: readonly string[]; onChange: (ids: string[]) => void };

/** Rules that find people at the moment of sending. */
export function TargetGroups({ chosen, onChange }: Choice) {
  const { t } = useTranslation("targeting");
  const targets = useQuery(targetGroupsQuery).data?.items ?? [];
  return (
    <MultiSelect
      my="sm"
      searchable
      clearable
      label={t("tabs.target_groups")}
      description={
        targets.length === 0 ? (
          <Link to="/target-groups/new">{t("compose.make_one")}</Link>
        ) : (
          t("compose.target_hint")
        )
      }
      leftSection={<IconTargetArrow size={16} aria-hidden />}
      disabled={targets.length === 0}
      maxValues={10}
      data={targets.map(({ id, name }) => ({ value: id, label: name }))}
      value={[...chosen]}
      onChange={onChange}
    />
  );
}

type LeaveOutProps = { audience: Audience; onChange: (part: Partial<Audience>) => void };

/** Everybody of a group or of a rule, whoever else names them. */
export function LeaveOut({ audience, onChange }: LeaveOutProps) {
  const { t } = useTranslation("targeting");
  const groups = useQuery(groupsQuery).data?.items ?? [];
  const targets = useQuery(targetGroupsQuery).data?.items ?? [];
  return (
    <div className={classes.kinds} style={{ marginTop: 12 }}>
      <MultiSelect
        searchable
        clearable
        label={t("compose.leave_out_groups")}
        disabled={groups.length === 0}
        data={groups.map(({ id, name }) => ({ value: id, label: name }))}
        value={audience.deselected_group_ids}
        onChange={(deselected_group_ids) => onChange({ deselected_group_ids })}
      />
      <MultiSelect
        searchable
        clearable
        label={t("compose.leave_out_targets")}
        disabled={targets.length === 0}
        maxValues={10}
        data={targets.map(({ id, name }) => ({ value: id, label: name }))}
        value={audience.deselected_target_group_ids}
        onChange={(deselected_target_group_ids) => onChange({ deselected_target_group_ids })}
      />
    </div>
  );
}

type HoursProps = {
  hours: Audience["hours"];
  onChange: (hours: Audience["hours"]) => void;
};

/** The campaign's own, which win over those of groups and workspace. */
export function OwnHours({ hours, onChange }: HoursProps) {
  const { t } = useTranslation("targeting");
  const { quiet_hours, send_windows } = rulesOf(hours);
  return (
    <Section title={t("compose.hours")}>
      <Checkbox
        mb={hours === null ? 0 : "sm"}
        label={t("compose.own_hours")}
        description={t("compose.own_hours_hint")}
        checked={hours !== null}
        onChange={(event) =>
          onChange(event.currentTarget.checked ? { quiet_hours: [], send_windows: [] } : null)
        }
      />
      {hours !== null && <HoursFields value={{ quiet_hours, send_windows }} onChange={onChange} />}
    </Section>
  );
}
