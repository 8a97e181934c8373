/** Money is whole minor units and a currency everywhere in the API, divided only to be read. */

const MICRO_DIGITS = 6;

export function minorDigits(currency: string): number {
  const format = new Intl.NumberFormat("en", { style: "currency", currency });
  return format.resolvedOptions().maximumFractionDigits ?? 2;
}

export function formatMoney(minor: number, currency: string, language: string): string {
  return new Intl.NumberFormat(language, { style: "currency", currency }).format(
    majorOf(minor, currency),
  );
}

/** What one credit costs, in millionths of the unit: a few cents, so more digits than usual. */
export function formatUnitPrice(micro: number, currency: string, language: string): string {
  return new Intl.NumberFormat(language, {
    style: "currency",
    currency,
    minimumFractionDigits: minorDigits(currency),
    maximumFractionDigits: MICRO_DIGITS,
  }).format(micro / 10 ** MICRO_DIGITS);
}

/** As a field or a chart shows it: "€1,234.50" is 1234.5. */
export function majorOf(minor: number, currency: string): number {
  return minor / 10 ** minorDigits(currency);
}

/** By its digits, for 1.15 has no exact double; null where it is finer than that, or nothing. */
function shifted(typed: number | string, digits: number, wholeMax: number): number | null {
  const text = String(typed).trim().replace(",", ".");
  const [whole = "", part = ""] = text.split(".");
  if (!/^\d+(\.\d*)?$/.test(text) || whole.length > wholeMax || part.length > digits) return null;
  return Number(whole + part.padEnd(digits, "0")) || null;
}

/** "250" or "12,50", typed in the currency's unit, in minor units; null for what is no amount. */
export function minorOf(typed: number | string, currency: string): number | null {
  return shifted(typed, minorDigits(currency), 12);
}

/** "0.065" is 65,000 millionths; null for what is no price. */
export function microOf(typed: number | string): number | null {
  return shifted(typed, MICRO_DIGITS, 6);
}

/** "25%", "2.5%", as a rate stands on a document. */
export function formatRate(permille: number, language: string): string {
  return new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 }).format(
    permille / 1_000,
  );
}
