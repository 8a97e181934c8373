import { NumberInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, client } from "@/api/client";
import { present } from "@/api/present";
import type { components } from "@/api/schema";
import { useSession } from "@/api/session";
import { useIntent } from "@/api/use_intent";
import { Section } from "@/ui/page_header";
import { RelativeTime } from "@/ui/relative_time";
import { ErrorState, PageSkeleton } from "@/ui/states";
import { FourEyesFields } from "./four_eyes_fields";
import { LaneRules } from "./lane_rules";
import classes from "./lead_pages.module.css";
import { PastVersions } from "./past_versions";
import { SaveBar } from "./save_bar";
import { useEdited } from "./use_edited";

type Schemas = components["schemas"];
type DeskRulesView = Schemas["DeskRulesView"];
// What may be left out when they are written is always answered.
type DeskRules = Required<Schemas["DeskRules"]>;

const TIMES = [
  "undo_seconds",
  "case_wait_hours_max",
  "hidden_minutes",
  "skips_max",
  "appeal_days_max",
] as const;
const TIMES_MAX = {
  undo_seconds: 60,
  case_wait_hours_max: 168,
  hidden_minutes: 1_440,
  skips_max: 20,
  appeal_days_max: 365,
} satisfies Record<(typeof TIMES)[number], number>;
const KINDS = ["campaign_session", "template_version", "sender_id", "appeal"] as const;
const LANES = ["standard", "large", "flagged", "lead_only"] as const;
const MINUTES_MAX = 10_080;
const REVIEW_SECONDS_MAX = 7_200;

/** The desk's own rules: where cases wait, for how long, and when two people must agree. */
export function DeskRulesPart() {
  const { data, error, refetch } = api.useQuery("get", "/v1/desk-rules");
  if (data !== undefined) return <Editor key={data.version} read={data} />;
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  return <PageSkeleton />;
}

function Editor({ read }: { read: DeskRulesView }) {
  const { t } = useTranslation("lead");
  const queries = useQueryClient();
  const mayEdit = useSession()?.staff_roles.includes("lead") ?? false;
  const { value: rules, isChanged, change, discard } = useEdited(read.rules as DeskRules);
  const saving = useIntent(
    async (note: string, headers) =>
      present(
        await client.PUT("/v1/desk-rules", {
          body: { rules, based_on: read.version, note },
          headers,
        }),
      ),
    { onSuccess: () => queries.invalidateQueries({ queryKey: ["get"] }) },
  );
  const number = (
    label: string,
    value: number,
    max: number,
    put: (value: number) => void,
    min = 0,
  ) => (
    <NumberInput
      key={label}
      label={label}
      min={min}
      max={max}
      clampBehavior="blur"
      allowDecimal={false}
      value={value}
      onChange={(next) => typeof next === "number" && put(next)}
    />
  );
  const { targets_minutes: targets, usual_review_seconds: reviews, four_eyes: eyes } = rules;
  return (
    <div className={classes.stack}>
      <Section title={t("desk.times")}>
        <fieldset className={classes.fields} disabled={!mayEdit}>
          {TIMES.map((name) =>
            number(t(`desk.${name}`), rules[name], TIMES_MAX[name], (value) =>
              change({ [name]: value }),
            ),
          )}
        </fieldset>
      </Section>
      <LaneRules
        disabled={!mayEdit}
        lanes={rules.lanes ?? []}
        onChange={(lanes) => change({ lanes })}
      />
      <FourEyesFields
        disabled={!mayEdit}
        value={eyes}
        onChange={(four_eyes) => change({ four_eyes })}
      />
      <Section title={t("desk.targets")}>
        <p className={classes.hint}>{t("desk.targets_text")}</p>
        <fieldset className={classes.fields} disabled={!mayEdit}>
          {KINDS.map((kind) =>
            number(
              t(`kind.${kind}`),
              targets[kind],
              MINUTES_MAX,
              (value) => change({ targets_minutes: { ...targets, [kind]: value } }),
              1,
            ),
          )}
        </fieldset>
      </Section>
      <Section title={t("desk.reviews")}>
        <p className={classes.hint}>{t("desk.reviews_text")}</p>
        <fieldset className={classes.fields} disabled={!mayEdit}>
          {LANES.map((lane) =>
            number(
              t(`lane.${lane}`),
              reviews[lane],
              REVIEW_SECONDS_MAX,
              (value) => change({ usual_review_seconds: { ...reviews, [lane]: value } }),
              1,
            ),
          )}
        </fieldset>
      </Section>
      <Versions />
      <SaveBar
        isChanged={isChanged}
        pending={saving.isPending}
        error={saving.error}
        onDiscard={discard}
        onReset={saving.reset}
        onSave={(note, done) => saving.mutate(note, { onSuccess: done })}
      />
    </div>
  );
}

function Versions() {
  const { data = [] } = api.useQuery("get", "/v1/desk-rules/versions");
  const versions = data.map(({ made_at, ...row }) => ({
    ...row,
    since: made_at === null ? null : <RelativeTime at={made_at} />,
  }));
  return <PastVersions versions={versions} />;
}
