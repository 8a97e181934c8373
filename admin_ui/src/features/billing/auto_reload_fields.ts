import type { components } from "@/api/schema";
import type { AutoReload, Card } from "./billing";
import { majorOf, minorOf } from "./money";

type Body = components["schemas"]["AutoReloadInput"];

export type Aim = "amount" | "target";
export type ReloadFields = {
  is_on: boolean;
  threshold: number | string;
  aim: Aim;
  credits: number | string;
  cap: number | string;
  card: string | null;
};

const FIRST_THRESHOLD = 1_000;
const FIRST_AMOUNT = 5_000;
const FIRST_CAP = 1_000;

export function reloadFields(setting: AutoReload | null, cards: readonly Card[]): ReloadFields {
  const card = setting?.card?.id ?? cards.find(({ is_expired }) => !is_expired)?.id ?? null;
  if (setting === null) {
    return {
      is_on: true,
      threshold: FIRST_THRESHOLD,
      aim: "amount",
      credits: FIRST_AMOUNT,
      cap: FIRST_CAP,
      card,
    };
  }
  return {
    is_on: setting.state !== "off",
    threshold: setting.threshold_credits,
    aim: setting.target_credits === null ? "amount" : "target",
    credits: setting.target_credits ?? setting.amount_credits ?? FIRST_AMOUNT,
    cap: majorOf(setting.monthly_cap_minor, setting.currency),
    card,
  };
}

/** Null while something of it is missing; what does not fit together the server says. */
export function reloadBody(fields: ReloadFields, currency: string): Body | null {
  const cap = minorOf(fields.cap, currency);
  const threshold = Number(fields.threshold);
  const credits = Number(fields.credits);
  if (fields.card === null || cap === null || !(threshold > 0) || !(credits > 0)) return null;
  return {
    is_on: fields.is_on,
    threshold_credits: threshold,
    amount_credits: fields.aim === "amount" ? credits : null,
    target_credits: fields.aim === "target" ? credits : null,
    monthly_cap_minor: cap,
    card_id: fields.card,
  };
}

const FIELD_OF: Record<string, keyof ReloadFields> = {
  threshold_credits: "threshold",
  amount_credits: "credits",
  target_credits: "credits",
  monthly_cap_minor: "cap",
  card_id: "card",
};

export function reloadErrors(errors: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(errors).map(([field, message]) => [FIELD_OF[field] ?? field, message]),
  );
}
