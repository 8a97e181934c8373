import { useEffect, useState } from "react";
import { client } from "@/api/client";
import { type CaseKey, type CaseView, pathOf } from "./queries";

// Whoever says nothing for thirty seconds is not looking any more.
const LOOK_INTERVAL_MS = 12_000;

/** Tells that this case is on a screen, and hears who else has it there. */
export function usePresence({ tenant, case: id }: CaseKey, seen: CaseView): readonly string[] {
  const [names, setNames] = useState<readonly string[]>(seen.viewers);
  const isOpen = seen.state === "open";

  useEffect(() => {
    if (!isOpen) return undefined;
    let left = false;
    async function look() {
      if (document.visibilityState !== "visible") return;
      try {
        const { data } = await client.POST("/v1/cases/{tenant_id}/{case_id}/presence", {
          params: pathOf({ tenant, case: id }),
        });
        if (!left && data !== undefined) setNames(data.names);
      } catch {
        // Who else looks is a courtesy; the queue says when the line is down.
      }
    }
    void look();
    const timer = setInterval(() => void look(), LOOK_INTERVAL_MS);
    return () => {
      left = true;
      clearInterval(timer);
    };
  }, [tenant, id, isOpen]);

  return isOpen ? names : [];
}
