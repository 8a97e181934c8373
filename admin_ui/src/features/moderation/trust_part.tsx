import { NumberInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { api, client } from "@/api/client";
import { present } from "@/api/present";
import type { components } from "@/api/schema";
import { useSession } from "@/api/session";
import { useIntent } from "@/api/use_intent";
import { useRefresh } from "@/api/use_pages";
import { Section } from "@/ui/page_header";
import { ErrorState, PageSkeleton } from "@/ui/states";
import classes from "./lead_pages.module.css";
import { SaveBar } from "./save_bar";
import { useEdited } from "./use_edited";

type Schemas = components["schemas"];
type View = Schemas["TrustPolicyView"];
// What may be left out when it is written is always answered.
type Policy = Required<Schemas["TrustPolicy"]> & {
  weights: Required<Schemas["StrikeWeights"]>;
  days: Required<Schemas["StrikeDays"]>;
};

const POLICY = "/v1/trust-policy";
const CAUSES = ["refused", "after_review", "complaints", "opt_outs", "dispute"] as const;
const WEIGHT_MAX = 100;
const DAYS_MAX = 1_095;
const PER_MILLE_MAX = 1_000;
const MESSAGES_MAX = 1_000_000;
const THRESHOLDS = [
  "auto_validation_lost_from",
  "lead_only_from",
  "suspension_proposed_from",
] as const;
const RATES = {
  rate_messages_min: MESSAGES_MAX,
  opt_outs_per_mille_max: PER_MILLE_MAX,
  complaints_per_mille_max: PER_MILLE_MAX,
  after_review_percent: 100,
} as const;

/** What a strike weighs and for how long, and what follows from the weight of all. */
export function TrustPart() {
  const { data, error, refetch } = api.useQuery("get", POLICY);
  if (data !== undefined) return <Editor key={data.version} read={data} />;
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  return <PageSkeleton />;
}

function Editor({ read }: { read: View }) {
  const { t } = useTranslation("matters");
  const refresh = useRefresh();
  const mayEdit = useSession()?.staff_roles.includes("lead") ?? false;
  const { value: policy, isChanged, change, discard } = useEdited(read.policy as Policy);
  const saving = useIntent(
    async (note: string, headers) =>
      present(
        await client.PUT(POLICY, { body: { policy, based_on: read.version, note }, headers }),
      ),
    { onSuccess: () => refresh(POLICY) },
  );
  const number = (label: string, value: number, max: number, put: (next: number) => void) => (
    <NumberInput
      key={label}
      label={label}
      min={label === t("policy.after_review_percent") ? 0 : 1}
      max={max}
      clampBehavior="blur"
      allowDecimal={false}
      thousandSeparator=" "
      value={value}
      onChange={(next) => typeof next === "number" && put(next)}
    />
  );
  const { weights, days } = policy;
  return (
    <div className={classes.stack}>
      <Section title={t("policy.thresholds")}>
        <p className={classes.hint}>{t("policy.thresholds_text")}</p>
        <fieldset className={classes.fields} disabled={!mayEdit}>
          {THRESHOLDS.map((name) =>
            number(t(`policy.${name}`), policy[name], WEIGHT_MAX, (next) =>
              change({ [name]: next }),
            ),
          )}
        </fieldset>
      </Section>
      <Section title={t("policy.weights")}>
        <fieldset className={classes.fields} disabled={!mayEdit}>
          {CAUSES.map((cause) =>
            number(t(`cause.${cause}`), weights[cause], WEIGHT_MAX, (next) =>
              change({ weights: { ...weights, [cause]: next } }),
            ),
          )}
        </fieldset>
      </Section>
      <Section title={t("policy.days")}>
        <p className={classes.hint}>{t("policy.days_text")}</p>
        <fieldset className={classes.fields} disabled={!mayEdit}>
          {CAUSES.map((cause) =>
            number(t(`cause.${cause}`), days[cause], DAYS_MAX, (next) =>
              change({ days: { ...days, [cause]: next } }),
            ),
          )}
        </fieldset>
      </Section>
      <Section title={t("policy.rates")}>
        <fieldset className={classes.fields} disabled={!mayEdit}>
          {(Object.keys(RATES) as (keyof typeof RATES)[]).map((name) =>
            number(t(`policy.${name}`), policy[name], RATES[name], (next) =>
              change({ [name]: next }),
            ),
          )}
        </fieldset>
      </Section>
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
