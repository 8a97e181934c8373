import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { client } from "@/api/client";
import type { components } from "@/api/schema";
import type { SessionState } from "@/ui/state_pill";

type PreviewKind = components["schemas"]["PreviewRequest"]["kind"];

const PAGE_ROWS = 50;
const CHOICES_MAX = 200;
const RUNNING_REFRESH_MS = 5_000;

const MOVING: ReadonlySet<SessionState> = new Set([
  "screening",
  "approved",
  "preparing",
  "sending",
  "settling",
]);

/** An answer that was asked for and must be there; 204 is no answer of these routes. */
function body<T>(answer: { data?: T }): T {
  if (answer.data === undefined) throw new Error("the answer was empty");
  return answer.data;
}

export function sessionsQuery(states: readonly SessionState[], search: string) {
  return infiniteQueryOptions({
    queryKey: ["sessions", states, search],
    initialPageParam: null as string | null,
    queryFn: async ({ pageParam, signal }) =>
      body(
        await client.GET("/v1/sessions", {
          params: {
            query: {
              state: states.length === 0 ? undefined : [...states],
              search: search === "" ? undefined : search,
              cursor: pageParam ?? undefined,
              limit: PAGE_ROWS,
            },
          },
          signal,
        }),
      ),
    getNextPageParam: (page) => page.next_cursor ?? null,
    refetchInterval: ({ state: { data } }) =>
      data?.pages.some((page) => page.items.some((row) => MOVING.has(row.state)))
        ? RUNNING_REFRESH_MS
        : false,
  });
}

export function sessionQuery(id: string) {
  return queryOptions({
    queryKey: ["campaign-session", id],
    queryFn: async ({ signal }) =>
      body(
        await client.GET("/v1/sessions/{session_id}", {
          params: { path: { session_id: id } },
          signal,
        }),
      ),
  });
}

export const groupsQuery = queryOptions({
  queryKey: ["groups", "choices"],
  queryFn: async ({ signal }) =>
    body(await client.GET("/v1/groups", { params: { query: { limit: CHOICES_MAX } }, signal })),
});

export const targetGroupsQuery = queryOptions({
  queryKey: ["target-groups", "choices"],
  queryFn: async ({ signal }) =>
    body(
      await client.GET("/v1/target-groups", { params: { query: { limit: CHOICES_MAX } }, signal }),
    ),
});

export const attributesQuery = queryOptions({
  queryKey: ["attributes"],
  queryFn: async ({ signal }) => body(await client.GET("/v1/attributes", { signal })),
});

export const sendersQuery = queryOptions({
  queryKey: ["senders"],
  queryFn: async ({ signal }) => body(await client.GET("/v1/senders", { signal })),
});

export const templateChoicesQuery = queryOptions({
  queryKey: ["templates", "choices"],
  queryFn: async ({ signal }) =>
    body(await client.GET("/v1/templates", { params: { query: { limit: CHOICES_MAX } }, signal })),
});

export const balanceQuery = queryOptions({
  queryKey: ["balance"],
  queryFn: async ({ signal }) => body(await client.GET("/v1/balance", { signal })),
});

export function peopleQuery(search: string) {
  return queryOptions({
    queryKey: ["subscribers", "choices", search],
    enabled: search.length > 1,
    queryFn: async ({ signal }) =>
      body(
        await client.GET("/v1/subscribers", { params: { query: { search, limit: 20 } }, signal }),
      ),
  });
}

export type Parts = { header: string; body: string; footer: string };

export function textQuery(parts: Parts) {
  return queryOptions({
    queryKey: ["text", parts],
    enabled: parts.body.trim() !== "",
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) =>
      body(await client.POST("/v1/texts/check", { body: parts, signal })),
  });
}

/** Keyed by the saved draft: what was not saved yet cannot be rendered by the server. */
export function previewQuery(id: string, version: number, kind: PreviewKind, count: number) {
  return queryOptions({
    queryKey: ["preview", id, version, kind, count],
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
    queryFn: async ({ signal }) =>
      body(
        await client.POST("/v1/sessions/{session_id}/preview", {
          params: { path: { session_id: id } },
          body: { count, kind },
          signal,
        }),
      ),
  });
}

export type { PreviewKind };
