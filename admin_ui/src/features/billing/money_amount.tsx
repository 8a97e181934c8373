import { useTranslation } from "react-i18next";
import { formatMoney } from "./money";

type Props = { minor: number; currency: string };

export function MoneyAmount({ minor, currency }: Props) {
  const { i18n } = useTranslation();
  return <span className="tabular nowrap">{formatMoney(minor, currency, i18n.language)}</span>;
}
