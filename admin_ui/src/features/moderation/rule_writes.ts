import { useQueryClient } from "@tanstack/react-query";
import { client } from "@/api/client";
import { present } from "@/api/present";
import type { components } from "@/api/schema";
import { useIntent } from "@/api/use_intent";

type Schemas = components["schemas"];
export type Rule = Schemas["Rule"];
export type RuleSetView = Schemas["RuleSetView"];
export type RuleTestView = Schemas["RuleTestView"];

const at = (version: number) => ({ path: { rules_version: version } });

export function useReadRulesAgain() {
  const queries = useQueryClient();
  return () =>
    queries.invalidateQueries({
      predicate: ({ queryKey }) => String(queryKey[1]).startsWith("/v1/rule-"),
    });
}

export function useSaveRules(version: number, onSuccess: () => void) {
  const again = useReadRulesAgain();
  return useIntent(
    async (body: Schemas["RuleSetUpdate"], headers) =>
      present(
        await client.PUT("/v1/rule-sets/{rules_version}", { params: at(version), body, headers }),
      ),
    {
      onSuccess: async () => {
        await again();
        onSuccess();
      },
    },
  );
}

export function useSwitchOn(version: number, onSuccess: () => void) {
  const again = useReadRulesAgain();
  return useIntent(
    async (row_version: number, headers) =>
      present(
        await client.POST("/v1/rule-sets/{rules_version}/switch-on", {
          params: at(version),
          body: { row_version },
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

export function useStartTest(version: number) {
  const again = useReadRulesAgain();
  return useIntent(
    async (body: Schemas["RuleTestCreate"], headers) =>
      present(
        await client.POST("/v1/rule-sets/{rules_version}/tests", {
          params: at(version),
          body,
          headers,
        }),
      ),
    { onSuccess: () => again() },
  );
}

export function useTryText(version: number) {
  return useIntent(async (body: Schemas["TextTrial"], headers) =>
    present(
      await client.POST("/v1/rule-sets/{rules_version}/try", {
        params: at(version),
        body,
        headers,
      }),
    ),
  );
}
