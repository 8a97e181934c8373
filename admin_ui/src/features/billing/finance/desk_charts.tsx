import { IconChartArea } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { AreaChart } from "@/ui/charts/area_chart";
import { BarChart } from "@/ui/charts/bar_chart";
import { Section } from "@/ui/page_header";
import { EmptyState } from "@/ui/states";
import classes from "./finance.module.css";
import { AGES, liabilityPoints, SALE_SOURCES, salesPoints, TONES } from "./report_figures";
import { periodOf, useReport } from "./reports";

const DAYS = 30;
const HEIGHT_PX = 170;

/** What came in, and what is owed for it in messages. */
export function DeskCharts() {
  const { t, i18n } = useTranslation("finance");
  const sales = useReport("sales", periodOf("sales", DAYS));
  const liability = useReport("liability", periodOf("liability", DAYS));
  const owed = liability.data === undefined ? [] : liabilityPoints(liability.data, i18n.language);
  return (
    <div className={classes.two}>
      <BarChart
        title={t("report.sales_by_day")}
        atLabel={t("report.day")}
        height={HEIGHT_PX}
        points={sales.data === undefined ? [] : salesPoints(sales.data, i18n.language)}
        series={SALE_SOURCES.map((key, at) => ({
          key,
          label: t(`purchases.source_${key}`),
          tone: TONES[at] ?? "info",
        }))}
      />
      {owed.length === 0 ? (
        <Section title={t("report.liability_by_age")}>
          <EmptyState icon={IconChartArea} title={t("report.no_closed_day")}>
            {t("report.no_closed_day_text")}
          </EmptyState>
        </Section>
      ) : (
        <AreaChart
          title={t("report.liability_by_age")}
          atLabel={t("report.day")}
          height={HEIGHT_PX}
          points={owed}
          series={AGES.map((key, at) => ({
            key,
            label: t(`age.${key}`),
            tone: TONES[at] ?? "info",
          }))}
        />
      )}
    </div>
  );
}
