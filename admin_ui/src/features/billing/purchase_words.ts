import type { PurchaseState } from "./billing";

const UNFINISHED: ReadonlySet<PurchaseState> = new Set([
  "pending",
  "awaiting_customer",
  "processing",
]);
const SOON_MS = 90_000;
const ASKED_SOON_MS = 1_500;
const ASKED_LATER_MS = 15_000;

/** How a purchase stands in the eyes of the person who came back from paying it. */
export type Standing = "waiting" | "processing" | "confirm" | "paid" | "unpaid" | "declined";

type Facts = { state: PurchaseState; cancelled: boolean };

export function standingOf({ state, cancelled }: Facts): Standing {
  if (state === "paid") return "paid";
  if (state === "processing") return "processing";
  if (state === "awaiting_customer") return "confirm";
  if (state === "failed") return "declined";
  if (state === "expired" || cancelled) return "unpaid";
  return "waiting";
}

/** The pause before it is asked again; false where nothing can change any more. */
export function pollAfter(state: PurchaseState | undefined, waitedMs: number): number | false {
  if (state !== undefined && !UNFINISHED.has(state)) return false;
  return waitedMs < SOON_MS ? ASKED_SOON_MS : ASKED_LATER_MS;
}

// What a bank says that its customer can do something about; the rest is "declined".
const TOLD = new Set([
  "authentication_required",
  "card_velocity_exceeded",
  "expired_card",
  "incorrect_cvc",
  "insufficient_funds",
  "lost_card",
  "processing_error",
  "stolen_card",
  "superseded",
]);

export function declineOf(code: string | null): string {
  return code !== null && TOLD.has(code) ? code : "declined";
}
