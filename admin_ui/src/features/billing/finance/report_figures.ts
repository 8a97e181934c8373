import type { components } from "@/api/schema";
import type { Point, Series } from "@/ui/charts/chart_frame";
import { majorOf } from "../money";
import { daysBetween, shortDay } from "./days";

export type Report = components["schemas"]["Report"];
type Cell = string | number | null;

/** A report's rows as objects: the server names the columns, so their order is its own affair. */
export function recordsOf({ columns, rows }: Report): Record<string, Cell>[] {
  return rows.map((row) =>
    Object.fromEntries(columns.map((column, at) => [column, row[at] ?? null])),
  );
}

function sum(
  report: Report,
  days: readonly string[],
  seriesOf: (record: Record<string, Cell>) => [string, number] | null,
): Map<string, Record<string, number>> {
  const byDay = new Map(days.map((day) => [day, {} as Record<string, number>]));
  for (const record of recordsOf(report)) {
    const found = byDay.get(String(record.day));
    const added = seriesOf(record);
    if (found === undefined || added === null) continue;
    const [key, value] = added;
    found[key] = (found[key] ?? 0) + value;
  }
  return byDay;
}

function pointsOf(
  byDay: ReadonlyMap<string, Record<string, number>>,
  keys: readonly string[],
  language: string,
): Point[] {
  return [...byDay].map(([day, figures]) => ({
    ...Object.fromEntries(keys.map((key) => [key, figures[key] ?? 0])),
    at: shortDay(day, language),
  }));
}

export const SALE_SOURCES = ["checkout", "auto_reload", "bank_transfer", "other"] as const;
export const AGES = ["30", "90", "180", "365", "older"] as const;
export const LOT_KINDS = ["paid", "promotional", "granted"] as const;
export const TONES: readonly Series["tone"][] = ["accent", "info", "ok", "warn", "bad"];

/** Credits that came in for money, each day of the period, by how they were paid. */
export function salesPoints(report: Report, language: string): Point[] {
  const days = daysBetween(report.first, report.last);
  const byDay = sum(report, days, ({ source, credits }) => [String(source), Number(credits)]);
  return pointsOf(byDay, SALE_SOURCES, language);
}

/** The money of purchases in one currency; what clerks entered has none of its own. */
export function moneyPoints(report: Report, currency: string, language: string): Point[] {
  const days = daysBetween(report.first, report.last);
  const byDay = sum(report, days, (record) => {
    if (record.currency !== currency) return null;
    return ["gross", majorOf(Number(record.gross_minor), currency)];
  });
  return pointsOf(byDay, ["gross"], language);
}

export function currenciesOf(report: Report): string[] {
  const found = recordsOf(report).flatMap(({ currency }) =>
    typeof currency === "string" ? [currency] : [],
  );
  return [...new Set(found)].sort();
}

export function consumptionPoints(report: Report, language: string): Point[] {
  const days = daysBetween(report.first, report.last);
  const byDay = sum(report, days, ({ consumed }) => ["consumed", Number(consumed)]);
  return pointsOf(byDay, ["consumed"], language);
}

/** Only closed days have figures: a day that is missing is missing, and no zero. */
export function liabilityPoints(report: Report, language: string): Point[] {
  const days = [...new Set(recordsOf(report).map(({ day }) => String(day)))];
  const byDay = sum(report, days, ({ age, credits }) => [String(age), Number(credits)]);
  return pointsOf(byDay, AGES, language);
}

export function expiryPoints(report: Report, language: string): Point[] {
  const days = daysBetween(report.first, report.last);
  const byDay = sum(report, days, ({ kind, credits }) => [String(kind), Number(credits)]);
  return pointsOf(byDay, LOT_KINDS, language);
}
