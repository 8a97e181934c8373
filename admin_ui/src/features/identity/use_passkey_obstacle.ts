import { useTranslation } from "react-i18next";
import type { Factors } from "@/api/factors";
import { hasPasskeys } from "@/api/passkeys";

/** Why passkeys do not work on this page; null where they do. */
export function usePasskeyObstacle(factors: Factors | undefined): string | null {
  const { t } = useTranslation("factor");
  if (factors === undefined) return null;
  if (factors.passkey_host === null) return t("enrol.passkey_none");
  if (factors.passkey_host !== window.location.hostname || !hasPasskeys())
    return t("enrol.passkey_place", { host: factors.passkey_host });
  return null;
}
