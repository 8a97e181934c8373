import type { SessionSummary } from "@/api/shapes";
import type { ProgressParts } from "@/ui/progress_bar";

type Counted = Pick<SessionSummary, "planned" | "final" | "delivered" | "accepted">;

/** What of a line's recipients became what; they add up to those planned. */
export function partsOfRow({ planned, final, delivered, accepted }: Counted): ProgressParts {
  return {
    delivered,
    waiting: accepted,
    failed: final - delivered,
    queued: Math.max(0, (planned ?? 0) - final - accepted),
  };
}
