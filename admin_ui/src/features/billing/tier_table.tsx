import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { formatInteger } from "@/ui/format";
import type { Packages } from "./billing";
import classes from "./buy_page.module.css";
import { formatUnitPrice } from "./money";
import { nextTier, savedPercent, tierAt } from "./savings";

type Props = { offer: Packages; credits: number; onChoose: (credits: number) => void };

/** From how many credits on all of them are cheaper; the tier of the amount is marked. */
export function TierTable({ offer, credits, onChoose }: Props) {
  const { t, i18n } = useTranslation("billing");
  const currency = offer.packages[0]?.price.currency ?? "EUR";
  const number = (value: number) => formatInteger(value, i18n.language);
  const here = tierAt(credits, offer.tiers);
  const next = nextTier(credits, offer.tiers);
  return (
    <div>
      <table className={classes.tiers}>
        <caption>{t("buy.tiers")}</caption>
        <thead>
          <tr>
            <th scope="col">{t("buy.tier_from")}</th>
            <th scope="col">{t("buy.tier_price")}</th>
            <th scope="col">{t("buy.tier_saved")}</th>
          </tr>
        </thead>
        <tbody>
          {offer.tiers.map((tier, place) => (
            <tr key={tier.credits_from} aria-current={place === here ? "true" : undefined}>
              <th scope="row">
                {number(Math.max(tier.credits_from, offer.purchase_credits_min))}
                {place === here && <span className={classes.yours}>{t("buy.your_tier")}</span>}
              </th>
              <td>{formatUnitPrice(tier.unit_price_micro, currency, i18n.language)}</td>
              <td>
                {savedPercent(tier.unit_price_micro, offer.tiers) > 0
                  ? `−${savedPercent(tier.unit_price_micro, offer.tiers)}%`
                  : "–"}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {next !== undefined && credits > 0 && (
        <p className={classes.next}>
          {t("buy.next_tier", { missing: number(next.credits_from - credits) })}{" "}
          <Button variant="subtle" size="compact-sm" onClick={() => onChoose(next.credits_from)}>
            {t("buy.take_tier", { credits: number(next.credits_from) })}
          </Button>
        </p>
      )}
    </div>
  );
}
