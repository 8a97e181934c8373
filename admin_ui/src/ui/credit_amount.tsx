import { useTranslation } from "react-i18next";
import { formatInteger } from "./format";

type Props = { credits: number; unit?: boolean; signed?: boolean };

/** Credits are whole numbers everywhere; money is another thing and has another component. */
export function CreditAmount({ credits, unit = false, signed = false }: Props) {
  const { t, i18n } = useTranslation();
  const amount = formatInteger(Math.abs(credits), i18n.language);
  const sign = credits < 0 ? "−" : signed && credits > 0 ? "+" : "";
  return (
    <span className="tabular nowrap">
      {unit
        ? t("credits.amount", { count: Math.abs(credits), amount: sign + amount })
        : sign + amount}
    </span>
  );
}
