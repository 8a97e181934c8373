import { BarChart as MantineBarChart } from "@mantine/charts";
import "@mantine/charts/styles.css";
import { useReducedMotion } from "@mantine/hooks";
import { useTranslation } from "react-i18next";
import { formatInteger } from "../format";
import { ChartFrame, FILLS, type Point, type Series } from "./chart_frame";

type Props = {
  title: string;
  points: readonly Point[];
  series: readonly Series[];
  atLabel: string;
  height?: number;
};

/** Stacked columns per day or week. */
export function BarChart({ title, points, series, atLabel, height = 210 }: Props) {
  const { i18n } = useTranslation();
  const still = useReducedMotion();
  return (
    <ChartFrame title={title} points={points} series={series} atLabel={atLabel}>
      <MantineBarChart
        h={height}
        data={[...points]}
        dataKey="at"
        type="stacked"
        series={series.map(({ key, label, tone }) => ({ name: key, label, color: FILLS[tone] }))}
        gridAxis="x"
        gridColor="var(--line)"
        strokeDasharray="0"
        textColor="var(--ink3)"
        tickLine="none"
        valueFormatter={(value) => formatInteger(value, i18n.language)}
        maxBarWidth={28}
        xAxisProps={{ minTickGap: 24, tickMargin: 8 }}
        yAxisProps={{ width: 54, tickMargin: 6 }}
        barProps={{ isAnimationActive: !still }}
        barChartProps={{ accessibilityLayer: false, margin: { left: 0, right: 8, top: 6 } }}
      />
    </ChartFrame>
  );
}
