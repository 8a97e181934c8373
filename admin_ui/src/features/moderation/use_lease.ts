import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { asProblem, type Problem } from "@/api/problem";
import { type CaseKey, type CaseView, caseQuery } from "./queries";
import { keepLease } from "./writes";

// A lease lasts five minutes: four beats may fail before it is lost.
const HEARTBEAT_MS = 60_000;

/** Keeps the case while somebody looks at it; a tab in the background lets it go. */
export function useHeartbeat(key: CaseKey, seen: CaseView): Problem | null {
  const queries = useQueryClient();
  const [lost, setLost] = useState<Problem | null>(null);
  const { is_mine: isMine, lease_fence: fence, state } = seen;
  const { tenant, case: id } = key;

  useEffect(() => {
    if (!isMine || state !== "open") return undefined;
    setLost(null);
    const query = caseQuery({ tenant, case: id });
    async function beat() {
      if (document.visibilityState !== "visible") return;
      try {
        const lease = await keepLease({ tenant, case: id }, fence);
        queries.setQueryData(query.queryKey, (current) =>
          current === undefined ? current : { ...current, lease_until: lease.lease_until },
        );
      } catch (error) {
        const problem = asProblem(error);
        // Silence is no loss: the next beat may arrive.
        if (problem.status !== 409) return;
        setLost(problem);
        queries.setQueryData(query.queryKey, (current) =>
          current === undefined ? current : { ...current, is_mine: false },
        );
      }
    }
    const timer = setInterval(() => void beat(), HEARTBEAT_MS);
    const back = () => void beat();
    document.addEventListener("visibilitychange", back);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", back);
    };
  }, [isMine, fence, state, tenant, id, queries]);

  return lost;
}
