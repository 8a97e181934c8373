/** Money comes as whole minor units with its currency, and is only divided to be read. */

function digitsOf(currency: string): number {
  const format = new Intl.NumberFormat("en", { style: "currency", currency });
  return format.resolvedOptions().maximumFractionDigits ?? 2;
}

export function formatMoney(minor: number, currency: string, language: string): string {
  return new Intl.NumberFormat(language, { style: "currency", currency }).format(
    minor / 10 ** digitsOf(currency),
  );
}

/** As a chart draws it: "€1,234.50" is 1234.5. */
export function majorOf(minor: number, currency: string): number {
  return minor / 10 ** digitsOf(currency);
}

/** What a person typed ("12.50") in minor units; null where it is no such amount. */
export function minorOf(typed: number | string, currency: string): number | null {
  const text = String(typed).trim().replace(",", ".");
  const digits = digitsOf(currency);
  if (!/^\d{1,12}(\.\d*)?$/.test(text)) return null;
  const [whole = "0", part = ""] = text.split(".");
  if (part.length > digits) return null;
  return Number(whole + part.padEnd(digits, "0"));
}

/** A tariff's price per credit, in millionths of the unit: "€0.0650", at least two digits. */
export function formatUnitPrice(micro: number, currency: string, language: string): string {
  return new Intl.NumberFormat(language, {
    style: "currency",
    currency,
    minimumFractionDigits: 2,
    maximumFractionDigits: 6,
  }).format(micro / 1_000_000);
}

/** "0.065" is 65,000 millionths; null where it is finer than that, or no price. */
export function microOf(typed: number | string): number | null {
  const text = String(typed).trim().replace(",", ".");
  if (!/^\d{1,6}(\.\d{0,6})?$/.test(text)) return null;
  const [whole = "0", part = ""] = text.split(".");
  const micro = Number(whole + part.padEnd(6, "0"));
  return micro > 0 ? micro : null;
}
