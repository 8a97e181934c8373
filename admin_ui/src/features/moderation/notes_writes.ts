import { useQueryClient } from "@tanstack/react-query";
import { client } from "@/api/client";
import { useIntent } from "@/api/use_intent";
import { type CaseKey, pathOf, present, type Verdict } from "./queries";

function useReadCaseAgain() {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: ["cases"] });
}

export function useAddNote(at: CaseKey) {
  const again = useReadCaseAgain();
  return useIntent(
    async (text: string, headers) =>
      present(
        await client.POST("/v1/cases/{tenant_id}/{case_id}/notes", {
          params: pathOf(at),
          body: { text },
          headers,
        }),
      ),
    { onSuccess: again },
  );
}

export function useAskOpinion(at: CaseKey, onSuccess: () => void) {
  const again = useReadCaseAgain();
  return useIntent(
    async ({ question, lease_fence }: { question: string; lease_fence: number }, headers) =>
      present(
        await client.POST("/v1/cases/{tenant_id}/{case_id}/questions", {
          params: pathOf(at),
          body: { question, lease_fence },
          headers,
        }),
      ),
    {
      onSuccess: async () => {
        await again();
        onSuccess();
      },
    },
  );
}

type Opinion = { question_id: string; text: string; leaning: Verdict | null };

export function useGiveOpinion(at: CaseKey) {
  const again = useReadCaseAgain();
  return useIntent(
    async ({ question_id, text, leaning }: Opinion, headers) =>
      present(
        await client.POST("/v1/cases/{tenant_id}/{case_id}/questions/{question_id}/answer", {
          params: { path: { tenant_id: at.tenant, case_id: at.case, question_id } },
          body: { text, leaning },
          headers,
        }),
      ),
    { onSuccess: again },
  );
}
