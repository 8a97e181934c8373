import { AreaChart as MantineAreaChart } from "@mantine/charts";
import "@mantine/charts/styles.css";
import { useReducedMotion } from "@mantine/hooks";
import { useTranslation } from "react-i18next";
import { formatInteger } from "../format";
import { ChartFrame, FILLS, type Point, type Series } from "./chart_frame";

type Mark = { at: string; label: string };

type Props = {
  title: string;
  points: readonly Point[];
  series: readonly Series[];
  atLabel: string;
  marks?: readonly Mark[];
  height?: number;
};

/** Stacked areas over time: messages per minute, credits per day. Loaded with the page that shows it. */
export function AreaChart({ title, points, series, atLabel, marks = [], height = 210 }: Props) {
  const { i18n } = useTranslation();
  const still = useReducedMotion();
  // A single moment has no width to draw; it stands twice, and is named once.
  const isSingle = points.length === 1;
  const drawn = isSingle ? [...points, ...points] : [...points];
  return (
    <ChartFrame title={title} points={points} series={series} atLabel={atLabel}>
      <MantineAreaChart
        h={height}
        data={drawn}
        dataKey="at"
        type="stacked"
        series={series.map(({ key, label, tone }) => ({ name: key, label, color: FILLS[tone] }))}
        curveType="monotone"
        withDots={false}
        withGradient={false}
        fillOpacity={0.28}
        strokeWidth={1.6}
        gridAxis="x"
        gridColor="var(--line)"
        strokeDasharray="0"
        textColor="var(--ink3)"
        tickLine="none"
        valueFormatter={(value) => formatInteger(value, i18n.language)}
        referenceLines={marks.map(({ at, label }) => ({
          x: at,
          label,
          color: "var(--warn)",
          labelPosition: "insideTopLeft" as const,
        }))}
        xAxisProps={{ minTickGap: 60, tickMargin: 8, ...(isSingle && { interval: 1 }) }}
        yAxisProps={{ width: 54, tickMargin: 6 }}
        areaProps={{ isAnimationActive: !still }}
        areaChartProps={{ accessibilityLayer: false, margin: { left: 0, right: 8, top: 6 } }}
      />
    </ChartFrame>
  );
}
