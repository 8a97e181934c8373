import { IconAlertTriangle } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { CreditAmount } from "@/ui/credit_amount";
import { Note } from "@/ui/facts";
import { Stat, StatRow } from "@/ui/stat";
import type { Balance } from "./billing";
import classes from "./billing.module.css";

export function BalanceStats({ balance }: { balance: Balance }) {
  const { t } = useTranslation();
  return (
    <div className={classes.stack}>
      <StatRow label={t("billing.balance")}>
        <Stat
          label={t("billing.available")}
          value={<CreditAmount credits={balance.available} />}
          note={t("billing.available_note")}
        />
        <Stat
          label={t("billing.held")}
          value={<CreditAmount credits={balance.held} />}
          note={balance.held > 0 ? t("billing.held_note") : t("billing.held_none")}
        />
        <Stat
          label={t("billing.expiring")}
          value={<CreditAmount credits={balance.expiring_soon} />}
          note={balance.expiring_soon > 0 ? t("billing.expiring_note") : t("billing.expiring_none")}
          tone={balance.expiring_soon > 0 ? "bad" : undefined}
        />
        <Stat
          label={t("billing.spent")}
          value={<CreditAmount credits={balance.spent_total} />}
          note={t("billing.spent_note")}
        />
        {balance.credit_line > 0 && (
          <Stat
            label={t("billing.credit_line")}
            value={<CreditAmount credits={balance.credit_line} />}
            note={t("billing.credit_line_note")}
          />
        )}
        {balance.frozen > 0 && (
          <Stat
            label={t("billing.frozen")}
            value={<CreditAmount credits={balance.frozen} />}
            note={t("billing.frozen_note")}
          />
        )}
      </StatRow>
      {balance.receivable > 0 && (
        <Note tone="bad" icon={<IconAlertTriangle size={17} aria-hidden />}>
          <strong>
            {t("billing.owed")} <CreditAmount credits={balance.receivable} unit />.
          </strong>{" "}
          {t("billing.owed_note")}
        </Note>
      )}
    </div>
  );
}
