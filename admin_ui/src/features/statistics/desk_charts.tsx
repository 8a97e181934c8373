import { useTranslation } from "react-i18next";
import { BarChart } from "@/ui/charts/bar_chart";
import { LineChart } from "@/ui/charts/line_chart";
import { type DeskNumbers, pointsOf, type Range } from "./numbers";
import classes from "./numbers_page.module.css";

export function DeskCharts({ numbers, range }: { numbers: DeskNumbers; range: Range }) {
  const { t, i18n } = useTranslation("numbers");
  const points = pointsOf(numbers, range, i18n.language);
  const atLabel = t("hour");
  return (
    <div className={classes.charts}>
      <LineChart
        title={t("waiting_title")}
        atLabel={atLabel}
        points={points}
        series={[
          { key: "waiting", label: t("waiting"), tone: "warn" },
          { key: "people", label: t("people"), tone: "info" },
        ]}
      />
      <BarChart
        title={t("decided_title")}
        atLabel={atLabel}
        points={points}
        series={[
          { key: "approved", label: t("verdict.approved"), tone: "ok" },
          { key: "changes_requested", label: t("verdict.changes_requested"), tone: "warn" },
          { key: "refused", label: t("verdict.refused"), tone: "bad" },
        ]}
      />
      <LineChart
        title={t("time_title")}
        atLabel={atLabel}
        points={points}
        series={[
          { key: "median", label: t("median_minutes"), tone: "accent" },
          { key: "p95", label: t("p95_minutes"), tone: "warn" },
        ]}
      />
    </div>
  );
}
