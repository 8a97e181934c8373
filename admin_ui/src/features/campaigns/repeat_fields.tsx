import { Chip, NumberInput, Select, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Repeat } from "@/api/shapes";
import classes from "./schedule_choice.module.css";

export const DAYS = [
  "monday",
  "tuesday",
  "wednesday",
  "thursday",
  "friday",
  "saturday",
  "sunday",
] as const;
const FREQUENCIES = ["1", "2", "3", "4", "5"] as const;
const COUNT_MAX = 366;
// 5 January 2026 was a Monday.
const A_MONDAY = Date.UTC(2026, 0, 5);

export const WEEKLY: Repeat = {
  frequency: 2,
  type: "month",
  monday: false,
  tuesday: false,
  wednesday: false,
  thursday: false,
  friday: false,
  saturday: false,
  sunday: false,
};

type Props = { value: Repeat; onChange: (value: Repeat) => void; error?: string };

export function RepeatFields({ value, onChange, error }: Props) {
  const { t, i18n } = useTranslation("schedule");
  const weekly = value.frequency === 2 || value.frequency === 3 || value.frequency === -1;
  const monthly = value.frequency === 4 || value.frequency === 5;
  const day = new Intl.DateTimeFormat(i18n.language, { weekday: "short", timeZone: "UTC" });
  const ends =
    typeof value.count === "number" ? "count" : typeof value.until === "string" ? "until" : "never";
  return (
    <div className={classes.repeat}>
      <Select
        label={t("frequency")}
        allowDeselect={false}
        data={FREQUENCIES.map((each) => ({ value: each, label: t(`every.${each}`) }))}
        value={String(value.frequency === -1 ? 2 : value.frequency)}
        onChange={(frequency) =>
          onChange({ ...value, frequency: Number(frequency) as Repeat["frequency"] })
        }
      />
      {monthly && (
        <Select
          label={t("place")}
          allowDeselect={false}
          data={[
            { value: "month", label: t("place_month") },
            { value: "week", label: t("place_week") },
          ]}
          value={value.type}
          onChange={(type) => onChange({ ...value, type: type === "week" ? "week" : "month" })}
        />
      )}
      <Select
        label={t("ends")}
        allowDeselect={false}
        data={[
          { value: "never", label: t("ends_never") },
          { value: "count", label: t("ends_count") },
          { value: "until", label: t("ends_until") },
        ]}
        value={ends}
        onChange={(end) =>
          onChange({
            ...value,
            count: end === "count" ? 10 : null,
            until: end === "until" ? "" : null,
          })
        }
      />
      {ends === "count" && (
        <NumberInput
          label={t("count")}
          min={1}
          max={COUNT_MAX}
          allowDecimal={false}
          value={value.count ?? 10}
          onChange={(count) => onChange({ ...value, count: Number(count) || 1 })}
        />
      )}
      {ends === "until" && (
        <TextInput
          type="date"
          label={t("until")}
          error={error}
          value={value.until ?? ""}
          onChange={(event) => onChange({ ...value, until: event.currentTarget.value })}
        />
      )}
      {weekly && (
        <fieldset className={classes.days}>
          <legend>{t("days")}</legend>
          {DAYS.map((name, index) => (
            <Chip
              key={name}
              size="xs"
              checked={value[name]}
              onChange={(checked) => onChange({ ...value, [name]: checked })}
            >
              {day.format(A_MONDAY + index * 24 * 3_600_000)}
            </Chip>
          ))}
          <small>{t("days_hint")}</small>
        </fieldset>
      )}
    </div>
  );
}
