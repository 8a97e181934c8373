import type { components } from "@/api/schema";
import { formatPlanned } from "@/ui/format";

export type Notice = components["schemas"]["NoticeView"];

type ShownFacts = { [name in keyof Required<Notice["facts"]>]: string };

/** Past it the exact number says nothing more; the API counts no further either. */
export const UNREAD_SHOWN_MAX = 99;

const AT_THE_CREDITS: ReadonlySet<Notice["kind"]> = new Set([
  "low_balance",
  "awaiting_credits",
  "forecast_short",
  "credits_bought",
  "payment_failed",
  "auto_reload_stopped",
  "payment_waiting",
  "credits_refunded",
  "payment_disputed",
  "dispute_won",
  "dispute_lost",
]);

/** Where somebody can do something about it. */
export function placeOf({ kind, facts }: Notice): string {
  if (AT_THE_CREDITS.has(kind)) return "/credits";
  if (facts.session_id == null) return "/notices";
  const session = `/campaigns/${facts.session_id}`;
  return kind === "changes_requested" ? `${session}/edit` : session;
}

/** The facts as the words want them: numbers written out in the reader's language. */
export function shownFacts({ facts }: Notice, language: string): ShownFacts {
  const written = new Intl.NumberFormat(language);
  const shown = Object.entries(facts).map(([name, value]) => [
    name,
    name === "at" && typeof value === "string"
      ? formatPlanned(new Date(value), language)
      : typeof value === "number"
        ? written.format(value)
        : String(value ?? ""),
  ]);
  return Object.fromEntries(shown) as ShownFacts;
}

const TONES = {
  low_balance: "warn",
  awaiting_credits: "warn",
  needs_confirmation: "warn",
  refused: "bad",
  changes_requested: "warn",
  completed: "ok",
  missed: "bad",
  failed: "bad",
  forecast_short: "warn",
  pause_ending: "warn",
  credits_bought: "ok",
  payment_failed: "bad",
  auto_reload_stopped: "bad",
  payment_waiting: "warn",
  credits_refunded: "ok",
  payment_disputed: "bad",
  dispute_won: "ok",
  dispute_lost: "bad",
} as const satisfies Record<Notice["kind"], string>;

export function toneOf({ kind }: Notice): "warn" | "bad" | "ok" {
  return TONES[kind];
}

/** Warning levels as they are sent: positive, once each, the highest first. */
export function levelsOf(typed: readonly (number | string)[]): number[] {
  const numbers = typed.map(Number).filter((level) => Number.isInteger(level) && level > 0);
  return [...new Set(numbers)].sort((a, b) => b - a);
}
