import { useQueryClient } from "@tanstack/react-query";
import { client } from "@/api/client";
import type { CampaignView, DraftUpdate, QuoteView, SessionView } from "@/api/shapes";
import { useIntent } from "@/api/use_intent";
import { sessionQuery } from "./queries";

function present<T>(data: T | undefined): T {
  if (data === undefined) throw new Error("the answer was empty");
  return data;
}

export function useCreateCampaign(onSuccess: (campaign: CampaignView) => void) {
  return useIntent(
    async (name: string, headers) =>
      present((await client.POST("/v1/campaigns", { body: { name }, headers })).data),
    { onSuccess },
  );
}

export function useRenameCampaign(sessionId: string) {
  const queries = useQueryClient();
  return useIntent(
    async ({ id, name }: { id: string; name: string }) =>
      present(
        (
          await client.PATCH("/v1/campaigns/{campaign_id}", {
            params: { path: { campaign_id: id } },
            body: { name },
          })
        ).data,
      ),
    {
      onSuccess: (campaign) => {
        queries.setQueryData(sessionQuery(sessionId).queryKey, (session) =>
          session === undefined ? session : { ...session, campaign_name: campaign.name },
        );
      },
    },
  );
}

export async function saveDraft(id: string, update: DraftUpdate): Promise<SessionView> {
  const { data } = await client.PATCH("/v1/sessions/{session_id}/draft", {
    params: { path: { session_id: id } },
    body: update,
  });
  return present(data);
}

export async function readSession(id: string): Promise<SessionView> {
  const { data } = await client.GET("/v1/sessions/{session_id}", {
    params: { path: { session_id: id } },
  });
  return present(data);
}

export function useQuote(id: string, onSuccess: (quote: QuoteView) => void) {
  return useIntent(
    async (_draftVersion: number, headers) =>
      present(
        (
          await client.POST("/v1/sessions/{session_id}/quotes", {
            params: { path: { session_id: id } },
            headers,
          })
        ).data,
      ),
    { onSuccess },
  );
}

export function useSubmit(id: string, onSuccess: (session: SessionView) => void) {
  return useIntent(
    async (quote: QuoteView, headers) =>
      present(
        (
          await client.POST("/v1/sessions/{session_id}/submit", {
            params: { path: { session_id: id } },
            body: { quote_id: quote.id, ceiling_credits: quote.ceiling_credits },
            headers,
          })
        ).data,
      ),
    { onSuccess },
  );
}

export function useDiscard(id: string, onSuccess: (session: SessionView) => void) {
  return useIntent(
    async (_: null, headers) =>
      present(
        (
          await client.POST("/v1/sessions/{session_id}/discard", {
            params: { path: { session_id: id } },
            headers,
          })
        ).data,
      ),
    { onSuccess },
  );
}
