import { queryOptions, useQueryClient } from "@tanstack/react-query";
import { client } from "@/api/client";
import { present } from "@/api/present";
import type { ScheduleTime, SeriesView, SessionView, Standing } from "@/api/shapes";
import { useIntent } from "@/api/use_intent";
import { sessionQuery } from "./queries";

export function seriesQuery(id: string) {
  return queryOptions({
    queryKey: ["series", id],
    queryFn: async ({ signal }) =>
      present(
        await client.GET("/v1/series/{series_id}", { params: { path: { series_id: id } }, signal }),
      ),
  });
}

/** Of a scheduled send the approval stays; a missed one keeps it while it is valid. */
export function useReschedule(session: SessionView, onSuccess: (standing: Standing) => void) {
  const queries = useQueryClient();
  return useIntent(
    async (time: ScheduleTime, headers) =>
      present(
        await client.POST("/v1/sessions/{session_id}/reschedule", {
          params: { path: { session_id: session.id } },
          body: time,
          headers,
        }),
      ),
    {
      onSuccess: async (standing) => {
        onSuccess(standing);
        await queries.invalidateQueries({ queryKey: sessionQuery(session.id).queryKey });
        await queries.invalidateQueries({ queryKey: ["sessions"] });
        await queries.invalidateQueries({ queryKey: ["series"] });
      },
    },
  );
}

export type SeriesAct =
  | { verb: "pause" | "resume" | "end" }
  | { verb: "skip"; number: number; at: string };

export function useSeriesAct(
  id: string,
  session: SessionView,
  onSuccess: (act: SeriesAct) => void,
) {
  const queries = useQueryClient();
  return useIntent(
    async (act: SeriesAct, headers): Promise<SeriesView> => {
      const options = { params: { path: { series_id: id } }, headers };
      if (act.verb === "skip") {
        const body = { number: act.number };
        return present(await client.POST("/v1/series/{series_id}/skip", { ...options, body }));
      }
      return present(await client.POST(`/v1/series/{series_id}/${act.verb}`, options));
    },
    {
      onSuccess: async (series, act) => {
        queries.setQueryData(seriesQuery(id).queryKey, series);
        onSuccess(act);
        await queries.invalidateQueries({ queryKey: sessionQuery(session.id).queryKey });
        await queries.invalidateQueries({ queryKey: ["sessions"] });
      },
    },
  );
}
