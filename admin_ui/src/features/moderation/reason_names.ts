import type { i18n as I18n } from "i18next";
import type { ReasonCode } from "./queries";

/** As the Code of Conduct titles it: in the reader's language, unless a lead put it otherwise. */
export function reasonName(
  code: string,
  reasons: readonly Pick<ReasonCode, "code" | "title">[],
  i18n: I18n,
): string {
  const title = reasons.find((reason) => reason.code === code)?.title;
  const key = `reason.of.${code}`;
  if (i18n.exists(key, { ns: "moderation" })) {
    const words = (lng?: string) => i18n.t(key as "reason.clause", { ns: "moderation", lng });
    if (title === undefined || title === words("en")) return words();
  }
  if (title !== undefined) return title;
  const words = code.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
