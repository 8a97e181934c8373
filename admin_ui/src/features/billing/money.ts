/** Money is minor units and a currency everywhere in the API; Intl knows how many digits that is. */

const MICRO = 1_000_000;
// A credit costs a few cents: the usual two digits would show most tiers as the same price.
const UNIT_DIGITS_MAX = 5;

export function minorDigits(currency: string): number {
  const { maximumFractionDigits } = new Intl.NumberFormat("en", {
    style: "currency",
    currency,
  }).resolvedOptions();
  return maximumFractionDigits ?? 2;
}

export function formatMoney(minor: number, currency: string, language: string): string {
  const major = minor / 10 ** minorDigits(currency);
  return new Intl.NumberFormat(language, { style: "currency", currency }).format(major);
}

/** What one credit costs: "€0.0625". */
export function formatUnitPrice(micro: number, currency: string, language: string): string {
  return new Intl.NumberFormat(language, {
    style: "currency",
    currency,
    minimumFractionDigits: minorDigits(currency),
    maximumFractionDigits: Math.max(UNIT_DIGITS_MAX, minorDigits(currency)),
  }).format(micro / MICRO);
}

/** "250", typed in the currency's unit, in minor units; null for what is no amount. */
export function minorOf(typed: number | string, currency: string): number | null {
  const value = typeof typed === "number" ? typed : Number.parseFloat(typed);
  if (!Number.isFinite(value) || value <= 0) return null;
  return Math.round(value * 10 ** minorDigits(currency));
}

export function majorOf(minor: number, currency: string): number {
  return minor / 10 ** minorDigits(currency);
}

/** "25%", "2.5%", as a rate stands on a document. */
export function formatRate(permille: number, language: string): string {
  return new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 }).format(
    permille / 1_000,
  );
}
