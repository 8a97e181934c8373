import { useQueryClient } from "@tanstack/react-query";
import { client } from "@/api/client";
import type { SessionView, Standing } from "@/api/shapes";
import { useIntent } from "@/api/use_intent";
import { sessionQuery } from "./queries";

export type Verb = "cancel" | "pause" | "resume" | "stop";

/** The answer says where every message stood; the page is read again for what it may do now. */
export function useVerb(id: string, onSuccess: (standing: Standing, verb: Verb) => void) {
  const queries = useQueryClient();
  return useIntent(
    async (verb: Verb, headers) => {
      const { data } = await client.POST(`/v1/sessions/{session_id}/${verb}`, {
        params: { path: { session_id: id } },
        headers,
      });
      if (data === undefined) throw new Error("the answer was empty");
      return data;
    },
    {
      onSuccess: async (standing, verb) => {
        onSuccess(standing, verb);
        await queries.invalidateQueries({ queryKey: sessionQuery(id).queryKey });
        await queries.invalidateQueries({ queryKey: ["sessions"] });
      },
    },
  );
}

/** The same words and people in a new draft; an end stays an end. */
export function useCopySession(id: string, onSuccess: (copy: SessionView) => void) {
  return useIntent(
    async (_: null, headers) => {
      const { data } = await client.POST("/v1/sessions/{session_id}/copy", {
        params: { path: { session_id: id } },
        headers,
      });
      if (data === undefined) throw new Error("the answer was empty");
      return data;
    },
    { onSuccess },
  );
}
