import { useQuery } from "@tanstack/react-query";
import { client } from "@/api/client";
import { AppealPart } from "@/ui/appeal_part";

/** The newest ruling on a template version or a sender, and the tenant's appeal against it. */
export function Refusal({ subjectId }: { subjectId: string }) {
  const { data } = useQuery({
    queryKey: ["decisions", "of", subjectId],
    queryFn: async ({ signal }) =>
      (
        await client.GET("/v1/decisions", {
          params: { query: { subject_id: subjectId, limit: 10 } },
          signal,
        })
      ).data?.items ?? [],
  });
  const refusal = data?.find((one) => one.verdict === "refuse" && one.appeal_of === null);
  return refusal === undefined ? null : <AppealPart outcome={refusal} />;
}
