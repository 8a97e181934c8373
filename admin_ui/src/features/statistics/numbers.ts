import { api } from "@/api/client";
import type { components } from "@/api/schema";
import type { Point } from "@/ui/charts/chart_frame";
import { formatClock } from "@/ui/format";

type Schemas = components["schemas"];
export type DeskNumbers = Schemas["DeskNumbersView"];
export type CoverageHour = Schemas["CoverageHour"];
export type ModeratorFigures = Schemas["ModeratorFigures"];
export type LaneFigures = Schemas["LaneFigures"];

export const RANGES = ["1", "7", "30"] as const;
export type Range = (typeof RANGES)[number];
export const LANES = ["standard", "large", "flagged", "lead_only"] as const;
export type LaneName = (typeof LANES)[number];

const REFRESH_MS = 15_000;
// Beyond a week an hour is too thin to be seen: its points are added up by six.
const HOURS_PER_POINT = { "1": 1, "7": 1, "30": 6 } satisfies Record<Range, number>;
const SECONDS_PER_MINUTE = 60;

export function useNumbers(range: Range, lane: LaneName | undefined) {
  return api.useQuery(
    "get",
    "/v1/desk-numbers",
    { params: { query: { days: Number(range), lane } } },
    { refetchInterval: REFRESH_MS, placeholderData: (before) => before },
  );
}

export function duration(seconds: number | null | undefined): string {
  return seconds === null || seconds === undefined ? "–" : formatClock(seconds * 1_000);
}

/** Over all lanes, as of the answer. */
export function standing(numbers: DeskNumbers) {
  const oldest = numbers.lanes_now
    .flatMap(({ oldest_opened_at: at }) => (at === null ? [] : [Date.parse(at)]))
    .sort((a, b) => a - b)[0];
  const sum = (field: "waiting" | "held" | "overdue") =>
    numbers.lanes_now.reduce((total, lane) => total + lane[field], 0);
  return { waiting: sum("waiting"), held: sum("held"), overdue: sum("overdue"), oldest };
}

type Hour = DeskNumbers["hours"][number];

function pointOf(hours: readonly Hour[], label: string): Point {
  const sum = (value: (hour: Hour) => number) => hours.reduce((all, hour) => all + value(hour), 0);
  const most = (value: (hour: Hour) => number) => Math.max(0, ...hours.map(value));
  // An hour in which nobody decided has no time to decision: no point, and no zero.
  const times = (name: string, value: (hour: Hour) => number | null): Record<string, number> => {
    const known = hours.map(value).filter((seconds) => seconds !== null);
    if (known.length === 0) return {};
    return { [name]: Math.round((Math.max(...known) / SECONDS_PER_MINUTE) * 10) / 10 };
  };
  return {
    at: label,
    waiting: most(({ waiting }) => waiting ?? 0),
    people: most(({ moderators }) => moderators),
    opened: sum(({ opened }) => opened),
    approved: sum(({ figures }) => figures.approved),
    changes_requested: sum(({ figures }) => figures.changes_requested),
    refused: sum(({ figures }) => figures.refused),
    ...times("median", ({ figures }) => figures.median_seconds),
    ...times("p95", ({ figures }) => figures.p95_seconds),
  };
}

/** The hours as points of a chart, named in the reader's own zone. */
export function pointsOf(numbers: DeskNumbers, range: Range, language: string): Point[] {
  const label = new Intl.DateTimeFormat(language, {
    weekday: range === "1" ? undefined : "short",
    day: range === "30" ? "numeric" : undefined,
    month: range === "30" ? "short" : undefined,
    hour: "2-digit",
    minute: "2-digit",
  });
  const each = HOURS_PER_POINT[range];
  const points: Point[] = [];
  for (let from = 0; from < numbers.hours.length; from += each) {
    const hours = numbers.hours.slice(from, from + each);
    const [first] = hours;
    if (first !== undefined) points.push(pointOf(hours, label.format(new Date(first.hour))));
  }
  return points;
}

export type CoverageDay = { day: string; hours: (CoverageHour | null)[] };

const HOURS_PER_DAY = 24;

/** Rows of local days with 24 columns of local hours; what lies before or after is empty. */
export function coverageDays(coverage: readonly CoverageHour[], language: string): CoverageDay[] {
  const name = new Intl.DateTimeFormat(language, { weekday: "short", day: "numeric" });
  const days = new Map<string, CoverageDay>();
  for (const hour of coverage) {
    const at = new Date(hour.hour);
    const day = name.format(at);
    const row = days.get(day) ?? { day, hours: Array(HOURS_PER_DAY).fill(null) };
    row.hours[at.getHours()] = hour;
    days.set(day, row);
  }
  return [...days.values()];
}
