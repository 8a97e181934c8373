import { UnstyledButton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { formatInteger } from "@/ui/format";
import { Section } from "@/ui/page_header";
import type { Packages } from "./billing";
import classes from "./buy_page.module.css";
import { formatMoney, formatUnitPrice } from "./money";
import { savedPercent } from "./savings";

type Props = { offer: Packages; credits: number; onChoose: (credits: number) => void };

/** The usual amounts. Net prices, as businesses compare them; the summary says the tax. */
export function PackageCards({ offer, credits, onChoose }: Props) {
  const { t, i18n } = useTranslation("billing");
  return (
    <Section title={t("buy.packages")} aside={t("buy.net_prices")}>
      <div className={classes.packages}>
        {offer.packages.map(({ credits: amount, price }) => {
          const saved = savedPercent(price.unit_price_micro, offer.tiers);
          return (
            <UnstyledButton
              key={amount}
              className={classes.package}
              aria-pressed={amount === credits}
              onClick={() => onChoose(amount)}
            >
              <span className={classes.packageHead}>
                <strong className="tabular">{formatInteger(amount, i18n.language)}</strong>
                {saved > 0 && (
                  <span className={classes.saved}>{t("buy.saved", { percent: saved })}</span>
                )}
              </span>
              <span className={classes.unit}>{t("buy.credits")}</span>
              <span className={classes.packagePrice}>
                {formatMoney(price.net_minor, price.currency, i18n.language)}
              </span>
              <span className={classes.unit}>
                {t("buy.per_credit", {
                  price: formatUnitPrice(price.unit_price_micro, price.currency, i18n.language),
                })}
              </span>
            </UnstyledButton>
          );
        })}
      </div>
    </Section>
  );
}
