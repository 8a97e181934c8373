import { Button, NumberInput } from "@mantine/core";
import { IconTestPipe } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { formatInteger } from "@/ui/format";
import { Section } from "@/ui/page_header";
import { RelativeTime } from "@/ui/relative_time";
import { Stat, StatRow } from "@/ui/stat";
import { ErrorState } from "@/ui/states";
import { StatusPill, Tag, type Tone } from "@/ui/status_pill";
import classes from "./lead_pages.module.css";
import { ruleName } from "./rule_names";
import { type RuleSetView, type RuleTestView, useStartTest } from "./rule_writes";

const REFRESH_MS = 2_000;
const DAYS_MAX = 365;
const SESSIONS_MAX = 2_000;
const FLIPS_SHOWN = 20;
const TONES: Record<RuleTestView["state"], Tone> = {
  queued: "info",
  running: "info",
  done: "ok",
  failed: "bad",
};

/** By people, or else by the screening. */
type Decided =
  | "approve"
  | "auto_approve"
  | "inherit_approval"
  | "need_validation"
  | "refuse"
  | "request_changes"
  | "return_problems";

/** What these rules would have made of past sessions, beside those in force. */
export function RuleTests({ set, mayEdit }: { set: RuleSetView; mayEdit: boolean }) {
  const { t } = useTranslation("rules");
  const [days, setDays] = useState(30);
  const start = useStartTest(set.version);
  const { data = [] } = api.useQuery(
    "get",
    "/v1/rule-sets/{rules_version}/tests",
    { params: { path: { rules_version: set.version } } },
    {
      refetchInterval: ({ state }) =>
        state.data?.some((test) => test.state === "queued" || test.state === "running")
          ? REFRESH_MS
          : false,
    },
  );
  const [newest] = data;
  return (
    <Section
      title={t("test.title")}
      aside={
        newest !== undefined && (
          <StatusPill tone={TONES[newest.state]}>{t(`test.${newest.state}`)}</StatusPill>
        )
      }
    >
      <p className={classes.hint}>{t("test.text")}</p>
      {mayEdit && (
        <div className={classes.cardHead}>
          <NumberInput
            w={120}
            aria-label={t("test.days")}
            suffix={` ${t("test.days_unit")}`}
            min={1}
            max={DAYS_MAX}
            allowDecimal={false}
            value={days}
            onChange={(value) => typeof value === "number" && setDays(value)}
          />
          <Button
            variant="default"
            leftSection={<IconTestPipe size={16} />}
            loading={start.isPending}
            onClick={() => start.mutate({ days, sessions_max: SESSIONS_MAX })}
          >
            {t("test.verb")}
          </Button>
        </div>
      )}
      {start.isError && <ErrorState compact error={start.error} />}
      {newest?.result != null && <Result test={newest} result={newest.result} />}
    </Section>
  );
}

type ResultProps = { test: RuleTestView; result: NonNullable<RuleTestView["result"]> };

export function Result({ test, result }: ResultProps) {
  const { t, i18n } = useTranslation("rules");
  const number = (value: number) => formatInteger(value, i18n.language);
  const load = (perDay: number) =>
    new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 1 }).format(perDay);
  const overruled = Object.entries(result.overruled);
  return (
    <div className={classes.under}>
      <p className={classes.hint}>
        {t("test.over", { count: result.sessions, amount: number(result.sessions) })}{" "}
        <RelativeTime at={test.finished_at ?? test.requested_at} />.{" "}
        {!test.is_current && <strong>{t("test.outdated")}</strong>}
      </p>
      <StatRow label={t("test.title")}>
        {(["blocked", "flagged", "clean"] as const).map((fate) => (
          <Stat
            key={fate}
            label={t(`fate.${fate}`)}
            value={number(result.fates_after[fate] ?? 0)}
            note={t("test.before", { amount: number(result.fates_before[fate] ?? 0) })}
          />
        ))}
        <Stat
          label={t("test.load")}
          value={load(result.people_per_day_after)}
          note={t("test.before", { amount: load(result.people_per_day_before) })}
        />
      </StatRow>
      {overruled.length > 0 && (
        <p className={classes.under}>
          <strong>{t("test.overruled")}</strong>{" "}
          {overruled
            .map(([what, count]) => {
              const against = what === "approve>blocked" ? "approve_blocked" : "refuse_clean";
              return t(`test.against.${against}`, { amount: number(count) });
            })
            .join(" · ")}
        </p>
      )}
      <h3>{t("test.flips")}</h3>
      {result.flips.length === 0 && <p className={classes.hint}>{t("test.no_flips")}</p>}
      <ul className={classes.versions}>
        {result.flips.slice(0, FLIPS_SHOWN).map((flip) => (
          <li key={flip.session_id}>
            <strong>
              {t(`fate.${flip.before}`)} → {t(`fate.${flip.after}`)}
            </strong>
            <span>
              {flip.text}{" "}
              {flip.rules.map((rule) => (
                <Tag key={rule}>{ruleName(rule, i18n)}</Tag>
              ))}
            </span>
            <span>{t(`test.decided.${flip.decided as Decided}`)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
