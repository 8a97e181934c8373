import { expect, test } from "vitest";
import { dayOf, daysBefore, daysBetween, startOf } from "./days";

test("days are those of UTC, as the books are", () => {
  expect(dayOf(new Date("2026-11-22T23:30:00-05:00"))).toBe("2026-11-23");
  expect(daysBefore("2026-03-01", 1)).toBe("2026-02-28");
  expect(daysBefore("2026-12-31", -1)).toBe("2027-01-01");
});

test("a filter's last day is whole", () => {
  expect(startOf("2026-11-22")).toBe("2026-11-22T00:00:00.000Z");
  expect(startOf("2026-11-22", 1)).toBe("2026-11-23T00:00:00.000Z");
  expect(startOf("tomorrow")).toBeUndefined();
  expect(startOf(undefined)).toBeUndefined();
});

test("a period has both its ends, over the change of clocks as well", () => {
  expect(daysBetween("2026-10-24", "2026-10-26")).toEqual([
    "2026-10-24",
    "2026-10-25",
    "2026-10-26",
  ]);
  expect(daysBetween("2026-10-26", "2026-10-24")).toEqual([]);
});
