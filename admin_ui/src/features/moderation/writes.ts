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
import type { LaneName } from "./search";

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

export function useClaimNext(lane: LaneName | undefined, onSuccess: (lease: LeaseView) => void) {
  const take = useTakeLease();
  return useIntent(
    async (_after: string, headers) =>
      present(await client.POST("/v1/cases/next/claim", { params: { query: { lane } }, headers })),
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

export type HandedBack = "release" | "skip" | "escalate";
type Handing = { how: HandedBack; key: CaseKey; lease_fence: number; reason: string };

/** Given back undecided: to everybody, to everybody but me for a while, or to the leads. */
export function useHandBack(onSuccess: (how: HandedBack) => void) {
  const queries = useQueryClient();
  return useIntent(
    async ({ how, key, lease_fence, reason }: Handing, headers) => {
      const params = pathOf(key);
      if (how === "release") {
        await client.POST("/v1/cases/{tenant_id}/{case_id}/release", {
          params,
          body: { lease_fence },
          headers,
        });
        return;
      }
      const body = { lease_fence, reason };
      if (how === "skip") {
        await client.POST("/v1/cases/{tenant_id}/{case_id}/skip", { params, body, headers });
      } else {
        await client.POST("/v1/cases/{tenant_id}/{case_id}/escalate", { params, body, headers });
      }
    },
    {
      onSuccess: async (_answer, { how }) => {
        await queries.invalidateQueries({ queryKey: ["cases"] });
        onSuccess(how);
      },
    },
  );
}

/** Undone within its seconds, the case is held again, and its words stand where they stood. */
export function useUndo(onSuccess: (key: CaseKey) => void) {
  const take = useTakeLease();
  const queries = useQueryClient();
  return useIntent(
    async ({ key, vote_id }: { key: CaseKey; vote_id: string }, headers) =>
      present(
        await client.POST("/v1/cases/{tenant_id}/{case_id}/undo", {
          params: pathOf(key),
          body: { vote_id },
          headers,
        }),
      ),
    {
      onSuccess: (lease, { key, vote_id }) => {
        take(lease);
        queries.setQueryData(
          caseQuery(key).queryKey,
          (seen) => seen && { ...seen, votes: seen.votes.filter(({ id }) => id !== vote_id) },
        );
        void queries.invalidateQueries({ queryKey: ["cases", "one", key.case] });
        onSuccess(key);
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
        // At once, so that no second key decides again what stands until the next case is there.
        queries.setQueryData(
          caseQuery(key).queryKey,
          (seen) => seen && { ...seen, is_mine: false, votes: [...seen.votes, decided.vote] },
        );
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
