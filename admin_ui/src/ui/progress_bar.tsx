import { useTranslation } from "react-i18next";
import { formatInteger, formatProgress } from "./format";
import classes from "./progress_bar.module.css";

export type ProgressParts = { delivered: number; waiting: number; failed: number; queued: number };

const PARTS = ["delivered", "waiting", "failed", "queued"] as const;

type Props = ProgressParts & { size?: "sm" | "lg"; label: string; legend?: boolean };

/**
 * Four parts, so that slow and stuck differ at a glance. Handled = delivered + failed: only a
 * recipient with an end state counts, and 100 % means every one has one.
 */
export function ProgressBar({ label, size = "lg", legend = true, ...parts }: Props) {
  const { t, i18n } = useTranslation();
  const language = i18n.language;
  const planned = PARTS.reduce((sum, part) => sum + parts[part], 0);
  const handled = parts.delivered + parts.failed;
  const words = PARTS.map(
    (part) => `${t(`progress.${part}`)} ${formatInteger(parts[part], language)}`,
  );
  return (
    <div className={classes.progress} data-size={size}>
      <div
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={planned === 0 ? 100 : Math.floor((handled / planned) * 100)}
        aria-valuetext={`${formatProgress(handled, planned, language)}. ${words.join(", ")}`}
        className={classes.bar}
      >
        {PARTS.filter((part) => parts[part] > 0).map((part) => (
          <span key={part} data-part={part} style={{ flexGrow: parts[part] }} />
        ))}
      </div>
      {legend && (
        <ul className={classes.legend}>
          {PARTS.map((part) => (
            <li key={part}>
              <span data-part={part} className={classes.key} aria-hidden />
              {t(`progress.${part}`)} <strong>{formatInteger(parts[part], language)}</strong>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
