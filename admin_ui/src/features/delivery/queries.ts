import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { client } from "@/api/client";
import type { LiveBinding, LiveMessage } from "@/api/live";
import type { components } from "@/api/schema";
import type { ExclusionView, ReplyKind, SessionView } from "@/api/shapes";
import type { MessageState } from "@/ui/state_pill";

export type Outcome = components["schemas"]["OutcomeView"];

const PAGE_ROWS = 50;
const MINUTES_REFRESH_MS = 15_000;

function present<T>({ data }: { data?: T }): T {
  if (data === undefined) throw new Error("the answer was empty");
  return data;
}

export function sessionQuery(id: string) {
  return queryOptions({
    queryKey: ["campaign-session", id],
    queryFn: async ({ signal }): Promise<SessionView> => {
      const { data } = await client.GET("/v1/sessions/{session_id}", {
        params: { path: { session_id: id } },
        signal,
      });
      if (data === undefined) throw new Error("the answer was empty");
      return data;
    },
  });
}

/** What our people ruled about this session, in the tenant's words; newest first. */
export function outcomesQuery(id: string) {
  return queryOptions({
    queryKey: ["decisions", id],
    queryFn: async ({ signal }) =>
      (
        await client.GET("/v1/decisions", {
          params: { query: { session_id: id, limit: 10 } },
          signal,
        })
      ).data?.items ?? [],
  });
}

export function minutesQuery(id: string, isRunning: boolean) {
  return queryOptions({
    queryKey: ["session-minutes", id],
    refetchInterval: isRunning ? MINUTES_REFRESH_MS : false,
    queryFn: async ({ signal }) =>
      present(
        await client.GET("/v1/sessions/{session_id}/minutes", {
          params: { path: { session_id: id } },
          signal,
        }),
      ),
  });
}

export function waitingQuery(id: string) {
  return queryOptions({
    queryKey: ["session-waiting", id],
    refetchInterval: MINUTES_REFRESH_MS,
    queryFn: async ({ signal }) =>
      present(
        await client.GET("/v1/sessions/{session_id}/waiting", {
          params: { path: { session_id: id } },
          signal,
        }),
      ),
  });
}

export function recipientsQuery(id: string, state: MessageState | null, cause: string | null) {
  return infiniteQueryOptions({
    queryKey: ["recipients", id, state, cause],
    initialPageParam: null as string | null,
    queryFn: async ({ pageParam, signal }) =>
      present(
        await client.GET("/v1/sessions/{session_id}/recipients", {
          params: {
            path: { session_id: id },
            query: {
              state: state === null ? undefined : [state],
              cause: cause ?? undefined,
              cursor: pageParam ?? undefined,
              limit: PAGE_ROWS,
            },
          },
          signal,
        }),
      ),
    getNextPageParam: (page) => page.next_cursor ?? null,
  });
}

export function exclusionsQuery(id: string, reason: ExclusionView["reason"] | null) {
  return infiniteQueryOptions({
    queryKey: ["exclusions", id, reason],
    initialPageParam: null as string | null,
    queryFn: async ({ pageParam, signal }) =>
      present(
        await client.GET("/v1/sessions/{session_id}/exclusions", {
          params: {
            path: { session_id: id },
            query: {
              reason: reason ?? undefined,
              cursor: pageParam ?? undefined,
              limit: PAGE_ROWS,
            },
          },
          signal,
        }),
      ),
    getNextPageParam: (page) => page.next_cursor ?? null,
  });
}

const REPLIES_REFRESH_MS = 10_000;

export function repliesQuery(id: string, kind: ReplyKind | null) {
  return infiniteQueryOptions({
    queryKey: ["replies", id, kind],
    initialPageParam: null as string | null,
    refetchInterval: REPLIES_REFRESH_MS,
    queryFn: async ({ pageParam, signal }) =>
      present(
        await client.GET("/v1/sessions/{session_id}/replies", {
          params: {
            path: { session_id: id },
            query: { kind: kind ?? undefined, cursor: pageParam ?? undefined, limit: PAGE_ROWS },
          },
          signal,
        }),
      ),
    getNextPageParam: (page) => page.next_cursor ?? null,
  });
}

/** People answer for days: asked for as long as the page is looked at. */
export function replyCountsQuery(id: string) {
  return queryOptions({
    queryKey: ["replies", id, "count"],
    refetchInterval: REPLIES_REFRESH_MS,
    queryFn: async ({ signal }) =>
      present(
        await client.GET("/v1/sessions/{session_id}/replies/count", {
          params: { path: { session_id: id } },
          signal,
        }),
      ),
  });
}

export function sessionBindings(id: string): readonly LiveBinding[] {
  return [
    {
      topic: `session:${id}`,
      queryKey: () => ["campaign-session", id],
      merge: (current, message) => mergeSnapshot(current as SessionView, message),
    },
  ];
}

/** Delivery tells its counters by their own names, a page's answer by what they mean. */
export function mergeSnapshot(current: SessionView, message: LiveMessage): SessionView {
  const told = message.progress as Record<string, number> | undefined;
  if (told === undefined) return current;
  const count = (name: string) => told[name] ?? 0;
  const failed =
    told.failed ??
    count("undelivered") + count("unreachable") + count("rejected") + count("expired");
  const known = Object.fromEntries(
    Object.keys(current.progress)
      .filter((name) => name in told)
      .map((name) => [name, told[name]]),
  );
  return {
    ...current,
    state: message.state as SessionView["state"],
    progress: {
      ...current.progress,
      ...known,
      waiting_receipt: told.waiting_receipt ?? count("accepted"),
      failed,
    },
  };
}
