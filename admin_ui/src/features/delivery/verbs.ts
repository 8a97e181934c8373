import { useQueryClient } from "@tanstack/react-query";
import { client } from "@/api/client";
import type { SessionView, Standing } from "@/api/shapes";
import { useIntent } from "@/api/use_intent";
import { sessionQuery } from "./queries";

export type Verb = "cancel" | "confirm" | "pause" | "resume" | "send_now" | "stop";

/** What the last preparation would have cost; the ceiling that a confirmation raises to it. */
export function requiredCredits(session: SessionView): number {
  return session.shortage?.required_credits ?? 0;
}

async function post(session: SessionView, verb: Verb, headers: Record<string, string>) {
  const options = { params: { path: { session_id: session.id } }, headers };
  if (verb === "confirm") {
    const body = { ceiling_credits: requiredCredits(session) };
    return await client.POST("/v1/sessions/{session_id}/confirm", { ...options, body });
  }
  if (verb === "send_now") return await client.POST("/v1/sessions/{session_id}/send-now", options);
  return await client.POST(`/v1/sessions/{session_id}/${verb}`, options);
}

/** The answer says where every message stood; the page is read again for what it may do now. */
export function useVerb(session: SessionView, onSuccess: (standing: Standing, verb: Verb) => void) {
  const queries = useQueryClient();
  return useIntent(
    async (verb: Verb, headers) => {
      const { data } = await post(session, verb, headers);
      if (data === undefined) throw new Error("the answer was empty");
      return data;
    },
    {
      onSuccess: async (standing, verb) => {
        onSuccess(standing, verb);
        await queries.invalidateQueries({ queryKey: sessionQuery(session.id).queryKey });
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
