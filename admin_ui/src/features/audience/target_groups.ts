import { api } from "@/api/client";
import type { components } from "@/api/schema";

export type TargetGroup = components["schemas"]["TargetGroupView"];

export const TARGET_GROUPS = "/v1/target-groups";
const TARGETS_IN_CHOICE = 200;

export function useTargetChoice(): { value: string; label: string }[] {
  const { data } = api.useQuery("get", TARGET_GROUPS, {
    params: { query: { limit: TARGETS_IN_CHOICE } },
  });
  return (data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }));
}
