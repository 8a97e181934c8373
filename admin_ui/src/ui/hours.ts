import type { TFunction } from "i18next";
import type { components } from "@/api/schema";

type Schemas = components["schemas"];
export type TimeSpan = Schemas["TimeSpan"];
export type SendingRules = Required<Schemas["SendingRules"]>;
export type SendingHours = Pick<SendingRules, "quiet_hours" | "send_windows">;

export const EVERY_DAY: readonly number[] = [1, 2, 3, 4, 5, 6, 7];
const WORKING_DAYS = "1,2,3,4,5";

export function rulesOf(given: Schemas["SendingRules"] | null | undefined): SendingRules {
  return {
    quiet_hours: given?.quiet_hours ?? [],
    send_windows: given?.send_windows ?? [],
    frequency_caps: given?.frequency_caps ?? [],
  };
}

/** Monday to Sunday in the language of the page; 1 January 2024 was a Monday. */
export function dayNames(language: string, weekday: "short" | "long" = "short"): string[] {
  const format = new Intl.DateTimeFormat(language, { weekday, timeZone: "UTC" });
  return EVERY_DAY.map((day) => format.format(new Date(Date.UTC(2024, 0, day))));
}

/** "Every day 21:00–08:00"; a span that ends where it starts is the whole day. */
export function spanWords(span: TimeSpan, t: TFunction<"targeting">, language: string): string {
  const days = [...span.days].sort((a, b) => a - b);
  const names = dayNames(language);
  const when =
    days.length === EVERY_DAY.length
      ? t("hours.every_day")
      : days.join() === WORKING_DAYS
        ? t("hours.working_days")
        : days.map((day) => names[day - 1]).join(", ");
  const clock = span.starts === span.ends ? t("hours.all_day") : `${span.starts}–${span.ends}`;
  return `${when} ${clock}`;
}
