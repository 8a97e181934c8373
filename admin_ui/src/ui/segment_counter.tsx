import { Button } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { formatInteger } from "./format";
import classes from "./segment_counter.module.css";
import { countSegments, toGsm7 } from "./segments";
import { StatusPill, Tag } from "./status_pill";

// More than this says "another alphabet", and a list of it would help nobody.
const MOST_SHOWN = 6;

type Props = { text: string; onReplace?: (text: string) => void; about?: boolean };

/** Says which character costs a second segment, and offers the one that does not. */
export function SegmentCounter({ text, onReplace, about = false }: Props) {
  const { t, i18n } = useTranslation();
  const count = useMemo(() => countSegments(text), [text]);
  const cheaper = useMemo(() => toGsm7(text), [text]);
  const after = useMemo(() => countSegments(cheaper), [cheaper]);
  const offending = [...new Set(count.offenders.map((offender) => offender.character))];
  const shown = t("segments.count", {
    count: count.segments,
    amount: formatInteger(count.segments, i18n.language),
  });
  const worthReplacing = after.encoding === "gsm7" && count.encoding === "ucs2";
  return (
    <div className={classes.counter}>
      <p className={classes.line} role="status">
        {count.segments > 1 ? <StatusPill tone="warn">{shown}</StatusPill> : <Tag>{shown}</Tag>}
        <span className="tabular">
          {t("segments.units", {
            encoding: count.encoding === "gsm7" ? "GSM-7" : "UCS-2",
            units: count.units,
            capacity: count.capacity,
          })}
        </span>
        {about && <span>{t("segments.about")}</span>}
      </p>
      {offending.length > 0 && (
        <p className={classes.advice}>
          <IconAlertTriangle size={15} aria-hidden />
          <span>
            {t("segments.offending")}{" "}
            {offending.slice(0, MOST_SHOWN).map((character) => (
              <code key={character}>{character}</code>
            ))}{" "}
            {worthReplacing && t("segments.saves", { count: after.segments })}
          </span>
          {worthReplacing && onReplace !== undefined && (
            <Button size="compact-sm" variant="default" onClick={() => onReplace(cheaper)}>
              {t("segments.replace")}
            </Button>
          )}
        </p>
      )}
    </div>
  );
}
