import { IconChecks } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { PageHeader, Section } from "@/ui/page_header";
import { EmptyState } from "@/ui/states";
import classes from "./finance.module.css";
import { PendingCorrections, usePendingCorrections } from "./pending_corrections";
import { PendingPrices, usePendingPrices } from "./pending_prices";
import { PendingRefunds, usePendingRefunds } from "./pending_refunds";
import { PendingTariffs, usePendingTariffs } from "./pending_tariffs";
import { PendingTopUps, usePendingTopUps } from "./pending_top_ups";

/** Everything that one person entered and another has to look at. */
export function WaitingPage() {
  const { t } = useTranslation("finance");
  const lists = [
    usePendingTopUps(),
    usePendingRefunds(),
    usePendingCorrections(),
    usePendingTariffs(),
    usePendingPrices(),
  ];
  const isEmpty = lists.every((list) => list.rows?.length === 0);
  return (
    <>
      <PageHeader title={t("waiting.title")} />
      <div className={classes.stack}>
        {isEmpty && (
          <Section>
            <EmptyState icon={IconChecks} title={t("none_pending")}>
              {t("none_pending_text")}
            </EmptyState>
          </Section>
        )}
        <PendingTopUps />
        <PendingRefunds />
        <PendingCorrections />
        <PendingTariffs />
        <PendingPrices />
      </div>
    </>
  );
}
