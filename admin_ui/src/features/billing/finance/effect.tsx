import { IconArrowRight } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { CreditAmount } from "@/ui/credit_amount";
import type { Balance } from "../billing";
import classes from "./finance.module.css";

type Props = { balance: Balance; added: number; repaysDebt?: boolean };

/** "1,250 → 6,250 credits"; what is owed to us is paid first by a top-up, never by a grant. */
export function Effect({ balance, added, repaysDebt = true }: Props) {
  const { t } = useTranslation("finance");
  const repaid = repaysDebt ? Math.min(balance.receivable, added) : 0;
  return (
    <div className={classes.effect} role="status">
      <span>{t("effect")}</span>
      <strong>
        <CreditAmount credits={balance.available} />
      </strong>
      <IconArrowRight size={17} role="img" aria-label={t("becomes")} />
      <strong>
        <CreditAmount credits={balance.available + added - repaid} unit />
      </strong>
      {repaid > 0 && (
        <span>
          {t("repaid")} <CreditAmount credits={repaid} unit />
        </span>
      )}
    </div>
  );
}
