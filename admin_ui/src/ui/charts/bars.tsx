import { useTranslation } from "react-i18next";
import { formatInteger } from "../format";
import classes from "./bars.module.css";

export type Bar = { id: string; label: string; value: number };

type Props = { label: string; bars: readonly Bar[]; tone?: "bad" | "info" | "ok" | "accent" };

/** Ranked figures with their bars. The figures are text, so this chart is its own table. */
export function Bars({ label, bars, tone = "info" }: Props) {
  const { i18n } = useTranslation();
  const most = Math.max(1, ...bars.map((bar) => bar.value));
  return (
    <ul className={classes.bars} data-tone={tone} aria-label={label}>
      {bars.map((bar) => (
        <li key={bar.id}>
          <span>{bar.label}</span>
          <strong className="tabular">{formatInteger(bar.value, i18n.language)}</strong>
          <span className={classes.track} aria-hidden>
            <span style={{ width: `${(bar.value / most) * 100}%` }} />
          </span>
        </li>
      ))}
    </ul>
  );
}
