import type { i18n as I18n } from "i18next";

/** A rule the pages do not know yet is shown by its id, never hidden. */
export function ruleName(rule: string, i18n: I18n): string {
  const key = `rule.${rule}`;
  return i18n.exists(key) ? i18n.t(key as "brand") : rule.replaceAll("_", " ");
}
