import type { components } from "@/api/schema";
import { microOf } from "../money";

type Tier = components["schemas"]["TierInput"];
export type TypedTier = { from: number | string; price: string };

/** Null while something is missing, or the tiers do not rise from 1 credit on. */
export function tiersOf(typed: readonly TypedTier[]): Tier[] | null {
  const tiers: Tier[] = [];
  for (const { from, price } of typed) {
    const unit_price_micro = microOf(price);
    const credits_from = Number(from);
    const least = tiers.length === 0 ? 1 : (tiers.at(-1)?.credits_from ?? 0) + 1;
    const isFirst = tiers.length === 0;
    if (unit_price_micro === null || !Number.isInteger(credits_from)) return null;
    if (credits_from < least || (isFirst && credits_from !== 1)) return null;
    tiers.push({ credits_from, unit_price_micro });
  }
  return tiers.length === 0 ? null : tiers;
}

export function typedOf(
  tiers: readonly { credits_from: number; unit_price_micro: number }[],
): TypedTier[] {
  return tiers.map(({ credits_from, unit_price_micro }) => ({
    from: credits_from,
    price: String(unit_price_micro / 1_000_000),
  }));
}
