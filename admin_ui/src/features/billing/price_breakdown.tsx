import { useTranslation } from "react-i18next";
import { formatInteger } from "@/ui/format";
import type { Price } from "./billing";
import classes from "./buy_page.module.css";
import { formatMoney, formatRate, formatUnitPrice } from "./money";

type Props = { price: Price; stale?: boolean };

/** What is paid and why: net, the tax with the law's words, and the total. */
export function PriceBreakdown({ price, stale = false }: Props) {
  const { t, i18n } = useTranslation("billing");
  const money = (minor: number) => formatMoney(minor, price.currency, i18n.language);
  const { tax } = price;
  return (
    <div className={classes.breakdown} data-stale={stale || undefined}>
      <dl>
        <div>
          <dt>
            {t("buy.line", {
              credits: formatInteger(price.credits, i18n.language),
              price: formatUnitPrice(price.unit_price_micro, price.currency, i18n.language),
            })}
          </dt>
          <dd>{money(price.net_minor)}</dd>
        </div>
        <div>
          <dt>
            {tax.reverse_charge
              ? t("buy.reverse_charge")
              : tax.rate_permille === 0
                ? t("buy.no_vat")
                : t("buy.vat", { rate: formatRate(tax.rate_permille, i18n.language) })}
          </dt>
          <dd>{money(tax.tax_minor)}</dd>
        </div>
        <div className={classes.total}>
          <dt>{t("buy.total")}</dt>
          <dd aria-live="polite">{money(price.gross_minor)}</dd>
        </div>
      </dl>
      {tax.note !== "" && <p className={classes.note}>{tax.note}</p>}
    </div>
  );
}
