import type { TFunction } from "i18next";
import { expect, test } from "vitest";
import { dayNames, EVERY_DAY, rulesOf, spanWords } from "./hours";

const t = ((key: string) => key) as unknown as TFunction<"targeting">;

test("a span is said in days and clocks", () => {
  const night = { days: [...EVERY_DAY], starts: "21:00", ends: "08:00" };
  expect(spanWords(night, t, "en")).toBe("hours.every_day 21:00–08:00");
  expect(spanWords({ ...night, days: [5, 1, 2, 3, 4] }, t, "en")).toContain("working_days");
  const sunday = { days: [7], starts: "00:00", ends: "00:00" };
  expect(spanWords(sunday, t, "en")).toBe("Sun hours.all_day");
});

test("the week begins on Monday, and nothing said is nothing", () => {
  expect(dayNames("en")).toEqual(["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]);
  expect(rulesOf(null)).toEqual({ quiet_hours: [], send_windows: [], frequency_caps: [] });
});
