import { LineChart as MantineLineChart } from "@mantine/charts";
import "@mantine/charts/styles.css";
import { useReducedMotion } from "@mantine/hooks";
import { useTranslation } from "react-i18next";
import { ChartFrame, FILLS, type Point, type Series } from "./chart_frame";

type Props = {
  title: string;
  points: readonly Point[];
  series: readonly Series[];
  atLabel: string;
  height?: number;
};

/** Figures side by side over time, where adding them up would say nothing. */
export function LineChart({ title, points, series, atLabel, height = 210 }: Props) {
  const { i18n } = useTranslation();
  const still = useReducedMotion();
  return (
    <ChartFrame title={title} points={points} series={series} atLabel={atLabel}>
      <MantineLineChart
        h={height}
        data={[...points]}
        dataKey="at"
        series={series.map(({ key, label, tone }) => ({ name: key, label, color: FILLS[tone] }))}
        curveType="monotone"
        dotProps={{ r: 2, strokeWidth: 0 }}
        activeDotProps={{ r: 4, strokeWidth: 0 }}
        strokeWidth={1.8}
        gridAxis="x"
        gridColor="var(--line)"
        strokeDasharray="0"
        textColor="var(--ink3)"
        tickLine="none"
        valueFormatter={(value) =>
          new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 1 }).format(value)
        }
        xAxisProps={{ minTickGap: 60, tickMargin: 8 }}
        yAxisProps={{ width: 44, tickMargin: 6 }}
        lineProps={{ isAnimationActive: !still }}
        lineChartProps={{ accessibilityLayer: false, margin: { left: 0, right: 8, top: 6 } }}
      />
    </ChartFrame>
  );
}
