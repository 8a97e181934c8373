import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { client } from "./client";
import { present } from "./present";
import type { ScheduleInput } from "./shapes";

/** The instants a wish means; a problem names its choices. Nothing is stored. */
export function scheduleQuery(wish: ScheduleInput | null) {
  return queryOptions({
    queryKey: ["schedule", wish],
    enabled: wish !== null,
    retry: false,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      if (wish === null) throw new Error("nothing was asked");
      return present(await client.POST("/v1/schedules/preview", { body: wish, signal }));
    },
  });
}

/** With a draft: as if it were submitted as it is. */
export function forecastQuery(sessionId: string | null, version = 0) {
  return queryOptions({
    queryKey: ["forecast", sessionId, version],
    queryFn: async ({ signal }) =>
      present(
        await client.GET("/v1/forecast", {
          params: { query: { session_id: sessionId ?? undefined } },
          signal,
        }),
      ),
  });
}

/** Who sees the balance sees what it will not cover. */
export const FORECAST_ROLES: ReadonlySet<string> = new Set([
  "owner",
  "manager",
  "sender",
  "billing",
]);
