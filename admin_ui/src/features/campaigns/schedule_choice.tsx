import { SegmentedControl, Select } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { asProblem } from "@/api/problem";
import { scheduleQuery } from "@/api/schedules";
import type { ScheduleInput, SchedulePreview, SessionView } from "@/api/shapes";
import { formatPlanned } from "@/ui/format";
import { Section } from "@/ui/page_header";
import { ErrorState } from "@/ui/states";
import { Dates, DstChoices, firstTime, TimeFields } from "@/ui/time_fields";
import { DAYS, RepeatFields, WEEKLY } from "./repeat_fields";
import classes from "./schedule_choice.module.css";
import type { DraftHandle } from "./use_draft";

const ASK_AFTER_MS = 300;
const LATENESS_MINUTES = [15, 30, 60, 180, 720, 1440];
const FIELD_CODES = new Set([
  "date_past",
  "date_too_far",
  "date_invalid",
  "timezone_unknown",
  "until_before_first",
  "date_nonexistent",
  "date_ambiguous",
]);
type Kind = "now" | "once" | "repeat";

type Props = { draft: DraftHandle; session: SessionView; onReady: (ready: boolean) => void };

/** Now, at a time of some zone, or again and again; stored as soon as it is a time that exists. */
export function ScheduleChoice({ draft, session, onReady }: Props) {
  const { t } = useTranslation("schedule");
  const stored = draft.fields.schedule;
  const [kind, setKind] = useState<Kind>(() =>
    stored === null ? "now" : stored.repeat ? "repeat" : "once",
  );
  const [wish, setWish] = useState<ScheduleInput>(
    () => stored ?? { ...firstTime(), max_lateness_minutes: 60 },
  );
  const asked = askedOf(kind, wish);
  const [settled] = useDebouncedValue(asked, ASK_AFTER_MS);
  const preview = useQuery(scheduleQuery(settled));
  const problem = preview.isError ? asProblem(preview.error) : null;
  const isCurrent = sameWish(settled, asked);
  const isKnown = asked === null ? kind === "now" : isCurrent && preview.isSuccess;
  const fits = isKnown && !preview.isPlaceholderData;
  const { change } = draft;
  const isStored = sameWish(stored, asked);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the handle is new with every render
  useEffect(() => {
    onReady((kind === "now" || fits) && isStored);
    if ((kind === "now" || fits) && !isStored) change({ schedule: asked });
  }, [kind, fits, isStored]);

  if (session.state !== "draft") return null;
  return (
    <Section title={t("title")}>
      <div className={classes.choice}>
        <SegmentedControl
          aria-label={t("title")}
          value={kind}
          onChange={(value) => setKind(value as Kind)}
          data={(["now", "once", "repeat"] as const).map((value) => ({
            value,
            label: t(`kind.${value}`),
          }))}
        />
        {kind === "now" && <p className={classes.quiet}>{t("now_hint")}</p>}
        {kind !== "now" && (
          <>
            <TimeFields
              value={wish}
              problem={problem}
              onChange={(time) => setWish({ ...wish, ...time, dst: null })}
            />
            {kind === "repeat" && (
              <RepeatFields
                value={wish.repeat ?? WEEKLY}
                error={problem?.errors.find(({ pointer }) => pointer === "/repeat/until")?.message}
                onChange={(repeat) => setWish({ ...wish, repeat })}
              />
            )}
            <Lateness
              minutes={wish.max_lateness_minutes}
              onChange={(max_lateness_minutes) => setWish({ ...wish, max_lateness_minutes })}
            />
            <DstChoices
              problem={problem}
              zone={wish.zone}
              onChoose={(dst) => setWish({ ...wish, dst })}
            />
            {asked === null && <p className={classes.quiet}>{t("no_time")}</p>}
            {problem !== null && !FIELD_CODES.has(problem.code) && (
              <ErrorState compact error={problem} />
            )}
            {asked !== null && preview.isPending && <p className={classes.quiet}>{t("asking")}</p>}
            {problem === null && preview.data !== undefined && (
              <Shown preview={preview.data} stale={!fits} />
            )}
          </>
        )}
      </div>
    </Section>
  );
}

function askedOf(kind: Kind, wish: ScheduleInput): ScheduleInput | null {
  if (kind === "now" || wish.local === "") return null;
  const repeat = kind === "repeat" ? (wish.repeat ?? WEEKLY) : null;
  if (repeat?.until === "") return null;
  return { ...wish, dst: wish.dst ?? null, repeat };
}

/** By what they say: the server answers in an order, and with nothings, of its own. */
function sameWish(one: ScheduleInput | null, other: ScheduleInput | null): boolean {
  return JSON.stringify(partsOf(one)) === JSON.stringify(partsOf(other));
}

function partsOf(wish: ScheduleInput | null) {
  if (wish === null) return null;
  const { local, zone, max_lateness_minutes, dst, repeat } = wish;
  if (!repeat) return [local, zone, max_lateness_minutes, dst ?? null];
  const { frequency, type, count, until } = repeat;
  const days = DAYS.map((day) => repeat[day]);
  const rule = [frequency, type, days, count ?? null, until ?? null];
  return [local, zone, max_lateness_minutes, dst ?? null, rule];
}

type LatenessProps = { minutes: number; onChange: (minutes: number) => void };

function Lateness({ minutes, onChange }: LatenessProps) {
  const { t } = useTranslation("schedule");
  const choices = LATENESS_MINUTES.includes(minutes)
    ? LATENESS_MINUTES
    : [...LATENESS_MINUTES, minutes].sort((a, b) => a - b);
  return (
    <Select
      label={t("lateness")}
      description={t("lateness_hint")}
      allowDeselect={false}
      maw={420}
      data={choices.map((each) => ({
        value: String(each),
        label:
          each % 60 === 0
            ? t("lateness_hours", { count: each / 60 })
            : t("lateness_minutes", { count: each }),
      }))}
      value={String(minutes)}
      onChange={(value) => onChange(Number(value))}
    />
  );
}

function Shown({ preview, stale }: { preview: SchedulePreview; stale: boolean }) {
  const { t, i18n } = useTranslation("schedule");
  const more = preview.total - preview.occurrences.length;
  return (
    <div className={classes.shown} data-stale={stale || undefined} aria-live="polite">
      {preview.total > 1 && <h4>{t("next")}</h4>}
      <Dates dates={preview.occurrences} zone={preview.zone} />
      {more > 0 && (
        <p className={classes.quiet}>
          {t("more", {
            count: more,
            last: formatPlanned(new Date(preview.last.at), i18n.language, preview.zone),
          })}
        </p>
      )}
    </div>
  );
}
