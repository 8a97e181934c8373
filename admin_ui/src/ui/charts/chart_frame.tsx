import { ActionIcon, Tooltip } from "@mantine/core";
import { IconChartAreaLine, IconTable } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { Section } from "../page_header";
import classes from "./chart_frame.module.css";

export type Series = {
  key: string;
  label: string;
  tone: "ok" | "bad" | "info" | "accent" | "warn";
};

export type Point = { at: string } & Record<string, number | string>;

export const FILLS: Record<Series["tone"], string> = {
  ok: "var(--ok-fill)",
  bad: "var(--bad-fill)",
  info: "var(--info-fill)",
  accent: "var(--accent-fill)",
  warn: "var(--warn-fill)",
};

type Props = {
  title: string;
  points: readonly Point[];
  series: readonly Series[];
  atLabel: string;
  children: ReactNode;
};

/** A chart and the same figures as a table: who cannot read curves reads rows. */
export function ChartFrame({ title, points, series, atLabel, children }: Props) {
  const { t, i18n } = useTranslation();
  const [asTable, setAsTable] = useState(false);
  const number = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 1 });
  const toggle = asTable ? t("chart.as_chart") : t("chart.as_table");
  const legend = (
    <>
      <ul className={classes.legend} aria-hidden={asTable}>
        {series.map(({ key, label, tone }) => (
          <li key={key}>
            <span style={{ background: FILLS[tone] }} aria-hidden />
            {label}
          </li>
        ))}
      </ul>
      <Tooltip label={toggle}>
        <ActionIcon
          variant="subtle"
          color="gray"
          className={classes.toggle}
          aria-label={`${toggle}: ${title}`}
          aria-pressed={asTable}
          onClick={() => setAsTable(!asTable)}
        >
          {asTable ? <IconChartAreaLine size={17} /> : <IconTable size={17} />}
        </ActionIcon>
      </Tooltip>
    </>
  );
  return (
    <Section title={title} aside={legend}>
      {asTable ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scroll area must be reachable by keyboard
        <section className={classes.figures} aria-label={title} tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">{atLabel}</th>
                {series.map(({ key, label }) => (
                  <th key={key} scope="col">
                    {label}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {points.map((point) => (
                <tr key={point.at}>
                  <th scope="row">{point.at}</th>
                  {series.map(({ key }) => (
                    <td key={key}>
                      {point[key] === undefined ? "–" : number.format(Number(point[key]))}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      ) : (
        <figure className={classes.figure} aria-label={t("chart.label", { title })}>
          {children}
        </figure>
      )}
    </Section>
  );
}
