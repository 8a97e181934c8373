import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { CreditAmount } from "@/ui/credit_amount";
import classes from "./billing.module.css";

const POLL_INTERVAL_MS = 30_000;

/** The balance under the navigation of the workspace; nothing for whoever may not read it. */
export function CreditsCard() {
  const { t } = useTranslation();
  const { data } = api.useQuery("get", "/v1/balance", {}, { refetchInterval: POLL_INTERVAL_MS });
  if (data === undefined) return null;
  return (
    <Link to="/credits" className={classes.card}>
      <span>{t("billing.credits")}</span>
      <strong className={classes.amount}>
        <CreditAmount credits={data.available} />
      </strong>
      {data.held > 0 && (
        <span>
          <CreditAmount credits={data.held} /> {t("billing.held_short")}
        </span>
      )}
    </Link>
  );
}
