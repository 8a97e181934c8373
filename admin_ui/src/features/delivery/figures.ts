import type { SessionView } from "@/api/shapes";
import type { ProgressParts } from "@/ui/progress_bar";

const PACE_OVER_MINUTES = 3;

/** Four parts that add up: a retry that waits and a call nobody answered are not failed yet. */
export function partsOf({ progress }: SessionView): ProgressParts {
  return {
    delivered: progress.delivered,
    waiting: progress.waiting_receipt + progress.unconfirmed,
    failed: progress.failed + progress.cancelled + progress.excluded,
    queued: progress.queued + progress.waiting_retry,
  };
}

/** Of those who can have it by now; null before the first end. */
export function deliveryRate({ progress }: SessionView): number | null {
  const ended = progress.delivered + progress.failed;
  return ended === 0 ? null : progress.delivered / ended;
}

/** Messages per second over the last full minutes; the current one is not over. */
export function paceOf(minutes: readonly { submitted: number }[]): number | null {
  const full = minutes.slice(-PACE_OVER_MINUTES - 1, -1);
  if (full.length === 0) return null;
  return full.reduce((sum, { submitted }) => sum + submitted, 0) / (full.length * 60);
}

export function secondsLeft(session: SessionView, pace: number | null): number | null {
  if (session.state !== "sending" || pace === null || pace === 0) return null;
  return session.progress.queued / pace;
}
