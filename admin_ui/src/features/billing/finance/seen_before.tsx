import { Checkbox } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Problem } from "@/api/problem";
import { CreditAmount } from "@/ui/credit_amount";
import { Note } from "@/ui/facts";
import { RelativeTime } from "@/ui/relative_time";
import classes from "./finance.module.css";

/** Of another tenant it has the name; of the same one it is the top-up that was typed before. */
type Earlier = {
  reference: string;
  amount_credits: number;
  tenant_id?: string;
  tenant_name?: string;
  seen_at?: string;
  created_at?: string;
};

type Props = { problem: Problem; checked: boolean; onChange: (checked: boolean) => void };

/** `reference_seen` names where this reference was entered in the last day: twice one payment? */
export function earlierOf({ facts }: Problem): readonly Earlier[] {
  return Array.isArray(facts.earlier) ? (facts.earlier as Earlier[]) : [];
}

export function SeenBefore({ problem, checked, onChange }: Props) {
  const { t } = useTranslation("finance");
  return (
    <div role="alert">
      <Note tone="warn" icon={<IconAlertTriangle size={17} aria-hidden />}>
        <strong>{t("seen.title")}</strong>
        <ul className={classes.earlier}>
          {earlierOf(problem).map((one) => {
            const at = one.seen_at ?? one.created_at ?? "";
            return (
              <li key={`${one.reference} ${at}`}>
                {one.tenant_id === undefined ? (
                  one.reference
                ) : (
                  <Link to="/finance/tenants/$tenantId" params={{ tenantId: one.tenant_id }}>
                    {one.tenant_name}
                  </Link>
                )}
                , <CreditAmount credits={one.amount_credits} unit />
                {at !== "" && (
                  <>
                    , <RelativeTime at={at} />
                  </>
                )}
              </li>
            );
          })}
        </ul>
        <Checkbox
          mt="sm"
          label={t("seen.confirm")}
          checked={checked}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      </Note>
    </div>
  );
}
