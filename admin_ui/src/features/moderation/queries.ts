import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { client } from "@/api/client";
import type { LiveBinding } from "@/api/live";
import type { components } from "@/api/schema";

import type { LaneName, QueueViewName } from "./search";

type Schemas = components["schemas"];

export type QueueRow = Schemas["QueueRowView"];
export type ReasonCode = Schemas["ReasonCode"];
export type LeaseView = Schemas["LeaseView"];
export type DecidedView = Schemas["DecidedView"];
export type DecisionInput = Schemas["DecisionInput"];
export type Verdict = Schemas["Verdict"];
export type VoteView = Schemas["VoteView"];
export type NoteView = Schemas["NoteView"];
export type Lane = Schemas["Lane"];
export type Clause = Schemas["Clause"];

const PAGE_ROWS = 50;
const QUEUE_REFRESH_MS = 30_000;

export type CaseKey = { tenant: string; case: string };

export function present<T>({ data }: { data?: T }): T {
  if (data === undefined) throw new Error("the answer was empty");
  return data;
}

export function pathOf(key: CaseKey) {
  return { path: { tenant_id: key.tenant, case_id: key.case } };
}

export function queueQuery(view: QueueViewName, lane?: LaneName) {
  return infiniteQueryOptions({
    queryKey: ["cases", "queue", view, lane ?? "all"],
    initialPageParam: null as string | null,
    // Waiting times grow without any news.
    refetchInterval: QUEUE_REFRESH_MS,
    queryFn: async ({ pageParam, signal }) =>
      present(
        await client.GET("/v1/cases", {
          params: {
            query: {
              state: view === "decided" ? "decided" : "open",
              mine: view === "mine",
              lane,
              cursor: pageParam ?? undefined,
              limit: PAGE_ROWS,
            },
          },
          signal,
        }),
      ),
    getNextPageParam: (page) => page.next_cursor,
  });
}

async function readCase(key: CaseKey, signal: AbortSignal) {
  return present(
    await client.GET("/v1/cases/{tenant_id}/{case_id}", { params: pathOf(key), signal }),
  );
}

export type CaseView = Awaited<ReturnType<typeof readCase>>;
export type Hit = CaseView["hits"][number];
export type Rendering = CaseView["dry_run"]["renderings"][number];

export function caseQuery(key: CaseKey) {
  return queryOptions({
    queryKey: ["cases", "one", key.case],
    queryFn: ({ signal }) => readCase(key, signal),
  });
}

export const conductQuery = queryOptions({
  queryKey: ["code-of-conduct"],
  staleTime: Number.POSITIVE_INFINITY,
  queryFn: async ({ signal }) => present(await client.GET("/v1/code-of-conduct", { signal })),
});

export const QUEUE_BINDINGS: readonly LiveBinding[] = [
  { topic: "queue", queryKey: () => ["cases", "queue"] },
];
