type Tier = { credits_from: number; unit_price_micro: number };

/** How much less one credit costs than in the dearest tier, in whole percent. */
export function savedPercent(unitPriceMicro: number, tiers: readonly Tier[]): number {
  const dearest = Math.max(0, ...tiers.map((tier) => tier.unit_price_micro));
  if (dearest === 0) return 0;
  return Math.floor(((dearest - unitPriceMicro) / dearest) * 100);
}

export function tierAt(credits: number, tiers: readonly Tier[]): number {
  return tiers.findLastIndex((tier) => tier.credits_from <= credits);
}

/** The next tier, where buying a little more makes all of it cheaper. */
export function nextTier<T extends Tier>(credits: number, tiers: readonly T[]): T | undefined {
  return tiers.find((tier) => tier.credits_from > credits);
}
