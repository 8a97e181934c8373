import { useTranslation } from "react-i18next";
import { AreaChart } from "@/ui/charts/area_chart";
import { BarChart } from "@/ui/charts/bar_chart";
import { Bars } from "@/ui/charts/bars";
import type { Series } from "@/ui/charts/chart_frame";
import { Section } from "@/ui/page_header";
import classes from "./finance.module.css";
import {
  AGES,
  consumptionPoints,
  currenciesOf,
  expiryPoints,
  LOT_KINDS,
  liabilityPoints,
  moneyPoints,
  type Report,
  recordsOf,
  SALE_SOURCES,
  salesPoints,
  TONES,
} from "./report_figures";

const TOP_TENANTS_MAX = 8;

type Props = { report: Report };

export function ReportCharts({ report }: Props) {
  if (report.rows.length === 0) return null;
  if (report.name === "sales") return <Sales report={report} />;
  if (report.name === "consumption") return <Consumption report={report} />;
  if (report.name === "liability") return <Liability report={report} />;
  if (report.name === "expiry") return <Expiry report={report} />;
  return <TopTenants report={report} column="consumed" />;
}

function Sales({ report }: Props) {
  const { t, i18n } = useTranslation("finance");
  return (
    <div className={classes.two}>
      <BarChart
        title={t("report.sales_by_day")}
        atLabel={t("report.day")}
        points={salesPoints(report, i18n.language)}
        series={useSeries(SALE_SOURCES, (key) => t(`purchases.source_${key}`))}
      />
      {currenciesOf(report).map((currency) => (
        <BarChart
          key={currency}
          title={t("report.money_by_day", { currency })}
          atLabel={t("report.day")}
          points={moneyPoints(report, currency, i18n.language)}
          series={[{ key: "gross", label: t("purchases.gross"), tone: "ok" }]}
        />
      ))}
    </div>
  );
}

function Consumption({ report }: Props) {
  const { t, i18n } = useTranslation("finance");
  return (
    <div className={classes.two}>
      <AreaChart
        title={t("report.consumed_by_day")}
        atLabel={t("report.day")}
        points={consumptionPoints(report, i18n.language)}
        series={[{ key: "consumed", label: t("column.consumed"), tone: "accent" }]}
      />
      <TopTenants report={report} column="consumed" />
    </div>
  );
}

function Liability({ report }: Props) {
  const { t, i18n } = useTranslation("finance");
  return (
    <AreaChart
      title={t("report.liability_by_age")}
      atLabel={t("report.day")}
      points={liabilityPoints(report, i18n.language)}
      series={useSeries(AGES, (key) => t(`age.${key}`))}
    />
  );
}

function Expiry({ report }: Props) {
  const { t, i18n } = useTranslation("finance");
  return (
    <BarChart
      title={t("report.expiry_by_day")}
      atLabel={t("report.day")}
      points={expiryPoints(report, i18n.language)}
      series={useSeries(LOT_KINDS, (key) => t(`lot.${key}`))}
    />
  );
}

function TopTenants({ report, column }: Props & { column: string }) {
  const { t } = useTranslation("finance");
  const byTenant = new Map<string, { label: string; value: number }>();
  for (const record of recordsOf(report)) {
    const id = String(record.tenant_id);
    const before = byTenant.get(id)?.value ?? 0;
    byTenant.set(id, {
      label: String(record.tenant_name),
      value: before + Number(record[column] ?? 0),
    });
  }
  const bars = [...byTenant]
    .map(([id, { label, value }]) => ({ id, label, value }))
    .filter(({ value }) => value > 0)
    .sort((one, other) => other.value - one.value)
    .slice(0, TOP_TENANTS_MAX);
  return (
    <Section title={t("report.top_tenants")}>
      <Bars label={t("report.top_tenants")} bars={bars} tone="accent" />
    </Section>
  );
}

function useSeries<Key extends string>(
  keys: readonly Key[],
  label: (key: Key) => string,
): Series[] {
  return keys.map((key, at) => ({ key, label: label(key), tone: TONES[at] ?? "info" }));
}
