import { Button, Select, TextInput } from "@mantine/core";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Problem } from "@/api/problem";
import { Callout } from "./callout";
import { formatPlanned } from "./format";
import classes from "./time_fields.module.css";

export type LocalTime = { local: string; zone: string };

type Props = { value: LocalTime; onChange: (value: LocalTime) => void; problem?: Problem | null };

const LOCAL_OF_PAGE = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Tomorrow at nine, where the page is looked at: a time nobody regrets. */
export function firstTime(): LocalTime {
  const day = new Date(Date.now() + 24 * 3_600_000);
  const pad = (part: number) => String(part).padStart(2, "0");
  const date = `${day.getFullYear()}-${pad(day.getMonth() + 1)}-${pad(day.getDate())}`;
  return { local: `${date}T09:00`, zone: LOCAL_OF_PAGE() };
}

/** What the clocks of a zone say; which instant that is, the server answers. */
export function TimeFields({ value, onChange, problem = null }: Props) {
  const { t } = useTranslation("schedule");
  // A half-typed date is no date: it stays here until both parts are there.
  const [date, setDate] = useState(value.local.slice(0, 10));
  const [time, setTime] = useState(value.local.slice(11, 16));
  const zones = useMemo(() => {
    const known = Intl.supportedValuesOf("timeZone");
    return known.includes(value.zone) ? known : [value.zone, ...known];
  }, [value.zone]);
  const wrong = (pointer: string) =>
    problem?.errors.find((each) => each.pointer === pointer)?.message;
  const isChoice = problem !== null && Array.isArray(problem.facts.choices);
  function change(nextDate: string, nextTime: string) {
    setDate(nextDate);
    setTime(nextTime);
    onChange({ ...value, local: nextDate && nextTime ? `${nextDate}T${nextTime}` : "" });
  }
  return (
    <div className={classes.fields}>
      <TextInput
        type="date"
        label={t("date")}
        value={date}
        error={isChoice ? undefined : wrong("/local")}
        onChange={(event) => change(event.currentTarget.value, time)}
      />
      <TextInput
        type="time"
        label={t("time")}
        value={time}
        onChange={(event) => change(date, event.currentTarget.value)}
      />
      <Select
        label={t("zone")}
        searchable
        allowDeselect={false}
        data={zones}
        value={value.zone}
        error={wrong("/zone")}
        onChange={(zone) => zone !== null && onChange({ ...value, zone })}
      />
    </div>
  );
}

type Choice = { dst: "next" | "first" | "second"; local: string; at: string };
type ChoicesProps = {
  problem: Problem | null;
  zone: string;
  onChoose: (dst: Choice["dst"]) => void;
};

/** Where the clocks jump, a person says which instant is meant. */
export function DstChoices({ problem, zone, onChoose }: ChoicesProps) {
  const { t, i18n } = useTranslation("schedule");
  const code = problem?.code;
  if (code !== "date_nonexistent" && code !== "date_ambiguous") return null;
  const choices = (problem?.facts.choices ?? []) as Choice[];
  return (
    <Callout tone="warn" live title={t(`dst.${code}`)}>
      <div className={classes.choices}>
        {choices.map(({ dst, at }) => (
          <Button key={dst} size="xs" variant="default" onClick={() => onChoose(dst)}>
            {t(`dst.${dst}`, { at: formatPlanned(new Date(at), i18n.language, zone) })}
          </Button>
        ))}
      </div>
    </Callout>
  );
}

type DatesProps = {
  dates: readonly { number: number; at: string }[];
  zone: string;
  note?: (date: { number: number; at: string }) => React.ReactNode;
};

/** In the zone that was chosen; in the reader's beside it, where it is another. */
export function Dates({ dates, zone, note }: DatesProps) {
  const { t, i18n } = useTranslation("schedule");
  const own = LOCAL_OF_PAGE();
  return (
    <ol className={classes.dates}>
      {dates.map((date) => (
        <li key={date.number}>
          <time dateTime={date.at}>{formatPlanned(new Date(date.at), i18n.language, zone)}</time>
          {own !== zone && (
            <small>
              {t("your_time", { when: formatPlanned(new Date(date.at), i18n.language, own) })}
            </small>
          )}
          {note?.(date)}
        </li>
      ))}
    </ol>
  );
}
