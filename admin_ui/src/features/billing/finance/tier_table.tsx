import { useTranslation } from "react-i18next";
import { CreditAmount } from "@/ui/credit_amount";
import { Facts } from "@/ui/facts";
import { formatUnitPrice } from "../money";
import type { Tariff } from "./finance";

/** What one credit costs, by how many are bought at once. */
export function TierTable({ tariff }: { tariff: Tariff }) {
  const { t, i18n } = useTranslation("finance");
  return (
    <Facts
      facts={tariff.tiers.map(({ credits_from, unit_price_micro }) => ({
        label: `${t("prices.from_credits")} ${credits_from.toLocaleString(i18n.language)}`,
        value: (
          <span className="tabular nowrap">
            {formatUnitPrice(unit_price_micro, tariff.currency, i18n.language)}
          </span>
        ),
      }))}
    />
  );
}

export function FirstTier({ tariff }: { tariff: Tariff }) {
  const { t, i18n } = useTranslation("finance");
  const [first] = tariff.tiers;
  const last = tariff.tiers.at(-1);
  if (first === undefined || last === undefined) return null;
  const price = (micro: number) => formatUnitPrice(micro, tariff.currency, i18n.language);
  if (first === last)
    return <span className="tabular nowrap">{price(first.unit_price_micro)}</span>;
  return (
    <span className="tabular">
      {price(first.unit_price_micro)} – {price(last.unit_price_micro)}
      <small style={{ display: "block" }}>
        {t("prices.best_from")} <CreditAmount credits={last.credits_from} unit />
      </small>
    </span>
  );
}
