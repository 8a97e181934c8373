import { useQueryClient } from "@tanstack/react-query";
import { client } from "@/api/client";
import { useIntent } from "@/api/use_intent";
import {
  type CaseKey,
  caseQuery,
  type DecidedView,
  type DecisionInput,
  type LeaseView,
  pathOf,
  present,
} from "./queries";

function useTakeLease() {
  const queries = useQueryClient();
  return (lease: LeaseView) => {
    const key = { tenant: lease.tenant_id, case: lease.case_id };
    queries.setQueryData(caseQuery(key).queryKey, (seen) =>
      seen === undefined
        ? seen
        : {
            ...seen,
            is_mine: true,
            lease_fence: lease.lease_fence,
            lease_until: lease.lease_until,
          },
    );
    void queries.invalidateQueries({ queryKey: ["cases", "queue"] });
  };
}

export function useClaim() {
  const take = useTakeLease();
  return useIntent(
    async (key: CaseKey, headers) =>
      present(
        await client.POST("/v1/cases/{tenant_id}/{case_id}/claim", {
          params: pathOf(key),
          headers,
        }),
      ),
    { onSuccess: take },
  );
}

export function useClaimNext(onSuccess: (lease: LeaseView) => void) {
  const take = useTakeLease();
  return useIntent(
    async (_after: string, headers) =>
      present(await client.POST("/v1/cases/next/claim", { headers })),
    {
      onSuccess: (lease) => {
        take(lease);
        onSuccess(lease);
      },
    },
  );
}

export async function keepLease(key: CaseKey, lease_fence: number): Promise<LeaseView> {
  return present(
    await client.POST("/v1/cases/{tenant_id}/{case_id}/heartbeat", {
      params: pathOf(key),
      body: { lease_fence },
    }),
  );
}

export function useRelease(onSuccess: () => void) {
  const queries = useQueryClient();
  return useIntent(
    async ({ key, lease_fence }: { key: CaseKey; lease_fence: number }, headers) => {
      await client.POST("/v1/cases/{tenant_id}/{case_id}/release", {
        params: pathOf(key),
        body: { lease_fence },
        headers,
      });
    },
    {
      onSuccess: async () => {
        await queries.invalidateQueries({ queryKey: ["cases"] });
        onSuccess();
      },
    },
  );
}

export function useDecide(onSuccess: (decided: DecidedView, key: CaseKey) => void) {
  const queries = useQueryClient();
  return useIntent(
    async ({ key, decision }: { key: CaseKey; decision: DecisionInput }, headers) =>
      present(
        await client.POST("/v1/cases/{tenant_id}/{case_id}/decision", {
          params: pathOf(key),
          body: decision,
          headers,
        }),
      ),
    {
      onSuccess: (decided, { key }) => {
        void queries.invalidateQueries({ queryKey: ["cases"] });
        onSuccess(decided, key);
      },
    },
  );
}

export function useRevoke() {
  const queries = useQueryClient();
  return useIntent(
    async ({ key, reason }: { key: CaseKey; reason: string }, headers) =>
      present(
        await client.POST("/v1/cases/{tenant_id}/{case_id}/revoke", {
          params: pathOf(key),
          body: { reason },
          headers,
        }),
      ),
    { onSuccess: () => queries.invalidateQueries({ queryKey: ["cases"] }) },
  );
}
