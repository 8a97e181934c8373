import { useQueryClient } from "@tanstack/react-query";
import { client } from "@/api/client";
import type { LiveBinding } from "@/api/live";
import { useIntent } from "@/api/use_intent";

const UNREAD_KEY = ["get", "/v1/notices/unread"];

/** The news only says that there is some: everybody reads what is theirs. */
export const NOTICE_BINDINGS: readonly LiveBinding[] = [
  { topic: "notices", queryKey: () => UNREAD_KEY },
];

/** Lists, previews and the count: all of them may have changed. */
export function useRefreshNotices(): () => Promise<void> {
  const queries = useQueryClient();
  return () =>
    queries.invalidateQueries({
      predicate: ({ queryKey }) => String(queryKey[1]).startsWith("/v1/notices"),
    });
}

export function useMarkRead() {
  const refresh = useRefreshNotices();
  return useIntent(
    (notice_id: string, headers) =>
      client.POST("/v1/notices/{notice_id}/read", { params: { path: { notice_id } }, headers }),
    { onSuccess: refresh },
  );
}

export function useMarkAllRead() {
  const refresh = useRefreshNotices();
  return useIntent((_: null, headers) => client.POST("/v1/notices/read", { headers }), {
    onSuccess: refresh,
  });
}
