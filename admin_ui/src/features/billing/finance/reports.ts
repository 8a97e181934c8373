import { keepPreviousData } from "@tanstack/react-query";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { dayOf, daysBefore } from "./days";

export type ReportName = components["schemas"]["ReportName"];
type Period = { first: string; last: string };

/** So many days up to and with today; what expires is looked for ahead. */
export function periodOf(name: ReportName, days: number, today = dayOf(new Date())): Period {
  if (name === "expiry") return { first: today, last: daysBefore(today, 1 - days) };
  return { first: daysBefore(today, days - 1), last: today };
}

export function useReport(report: ReportName, { first, last }: Period) {
  return api.useQuery(
    "get",
    "/v1/finance/report",
    { params: { query: { report, first, last } } },
    { placeholderData: keepPreviousData },
  );
}
