import { IconAlertTriangleFilled } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Section } from "@/ui/page_header";
import { StatusPill } from "@/ui/status_pill";
import classes from "./coverage.module.css";
import { type CoverageHour, coverageDays } from "./numbers";

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);
// More people than this make no darker square.
const PEOPLE_SHADES = 4;

/** Was somebody there, hour by hour. It is a table: the figures are its cells. */
export function Coverage({ hours }: { hours: readonly CoverageHour[] }) {
  const { t, i18n } = useTranslation("numbers");
  const gaps = hours.filter((hour) => !hour.is_covered).length;
  return (
    <Section
      title={t("coverage.title")}
      aside={
        <StatusPill tone={gaps === 0 ? "ok" : "bad"}>
          {gaps === 0 ? t("coverage.none") : t("coverage.short", { count: gaps })}
        </StatusPill>
      }
    >
      <p className={classes.hint}>
        {gaps === 0 ? t("coverage.no_gaps") : t("coverage.gaps", { count: gaps })}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scroll area must be reachable by keyboard */}
      <section className={classes.scroll} tabIndex={0} aria-label={t("coverage.title")}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">{t("coverage.day")}</th>
              {HOURS.map((hour) => (
                <th key={hour} scope="col">
                  {String(hour).padStart(2, "0")}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {coverageDays(hours, i18n.language).map(({ day, hours: cells }) => (
              <tr key={day}>
                <th scope="row">{day}</th>
                {cells.map((cell, hour) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: the 24 hours of a day never reorder
                  <td key={hour}>{cell !== null && <Cell hour={cell} />}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </Section>
  );
}

function Cell({ hour }: { hour: CoverageHour }) {
  const { t } = useTranslation("numbers");
  if (!hour.is_covered) {
    return (
      <span className={classes.cell} data-gap title={t("coverage.gap")}>
        <IconAlertTriangleFilled size={11} role="img" aria-label={t("coverage.gap")} />
      </span>
    );
  }
  const words =
    hour.moderators === 0
      ? t("coverage.nobody")
      : t("coverage.covered", { people: hour.moderators, decided: hour.decided });
  return (
    <span
      className={classes.cell}
      data-people={Math.min(PEOPLE_SHADES, hour.moderators)}
      title={words}
    >
      {hour.moderators > 0 ? hour.moderators : <span aria-hidden>·</span>}
    </span>
  );
}
