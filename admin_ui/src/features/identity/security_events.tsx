import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { Section } from "@/ui/page_header";
import { RelativeTime } from "@/ui/relative_time";
import { StatusPill } from "@/ui/status_pill";
import classes from "./tenant_trust.module.css";

const ACTIONS = [
  "codes_guessed",
  "factor_added",
  "factor_removed",
  "factor_renamed",
  "factors_reset",
  "passkey_count_fell",
  "recovery_code_used",
  "recovery_codes_made",
] as const;

/** What was done to one's own credentials: whoever reads it knows whether it was them. */
export function SecurityEvents() {
  const { t } = useTranslation("factor");
  const { data } = api.useQuery("get", "/v1/account/security-events");
  if (data === undefined) return null;
  return (
    <Section title={t("event.title")}>
      {data.length === 0 && <p>{t("event.none")}</p>}
      <ul className={classes.strikes} aria-label={t("event.title")}>
        {data.map((one) => {
          const action = ACTIONS.find((name) => name === one.action.replace(".", "_"));
          return (
            <li key={one.id}>
              <strong>
                {action === undefined
                  ? one.action
                  : t(`event.${action}`, { factor: one.factor ?? "" })}
              </strong>
              <span>
                <RelativeTime at={one.at} />
                {one.remote_address !== "" && (
                  <>
                    {" "}
                    · <span className="mono">{one.remote_address}</span>
                  </>
                )}
              </span>
              {!one.is_own && <StatusPill tone="warn">{t("event.not_own")}</StatusPill>}
            </li>
          );
        })}
      </ul>
    </Section>
  );
}
