import { expect, test } from "vitest";
import { coverageDays, type DeskNumbers, duration, pointsOf, standing } from "./numbers";

const FIGURES = {
  decided: 3,
  approved: 2,
  changes_requested: 0,
  refused: 1,
  late: 0,
  overturned: 0,
  median_seconds: 90,
  p95_seconds: 600,
};

function hours(count: number): DeskNumbers["hours"] {
  return Array.from({ length: count }, (_, index) => ({
    hour: new Date(Date.UTC(2026, 10, 1, index)).toISOString(),
    opened: 1,
    lapsed: 0,
    waiting: index,
    oldest_seconds: 5,
    moderators: 2,
    figures: FIGURES,
  }));
}

function numbers(part: Partial<DeskNumbers>): DeskNumbers {
  return { hours: [], lanes_now: [], coverage: [], ...part } as unknown as DeskNumbers;
}

test("a month is drawn by quarters of a day, and nothing is lost on the way", () => {
  const points = pointsOf(numbers({ hours: hours(24) }), "30", "en");
  expect(points.length).toBe(4);
  expect(points.reduce((sum, point) => sum + Number(point.approved), 0)).toBe(48);
  expect(points.map((point) => point.waiting)).toEqual([5, 11, 17, 23]);
  expect(points[0]?.median).toBe(1.5);
});

test("what stands is the sum of its lanes and the oldest of any", () => {
  const lane = { held: 1, overdue: 0, waiting: 2 };
  const now = standing(
    numbers({
      lanes_now: [
        { ...lane, lane: "standard", oldest_opened_at: "2026-11-01T10:00:00Z" },
        { ...lane, lane: "large", oldest_opened_at: "2026-11-01T09:00:00Z" },
      ],
    }),
  );
  expect(now).toEqual({
    waiting: 4,
    held: 2,
    overdue: 0,
    oldest: Date.parse("2026-11-01T09:00:00Z"),
  });
});

test("every hour of a week has its place among local days", () => {
  const coverage = hours(168).map(({ hour }) => ({
    hour,
    decided: 0,
    moderators: 0,
    is_covered: true,
  }));
  const days = coverageDays(coverage, "en");
  expect(days.flatMap((day) => day.hours).filter((hour) => hour !== null).length).toBe(168);
  expect(days.every((day) => day.hours.length === 24)).toBe(true);
});

test("a time nobody measured is a dash", () => {
  expect(duration(null)).toBe("–");
  expect(duration(108)).toBe("1:48");
});
