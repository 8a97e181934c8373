import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { BarChart } from "@/ui/charts/bar_chart";
import { Bars } from "@/ui/charts/bars";
import { Section } from "@/ui/page_header";
import type { Spending } from "./billing";
import { useSessionNames } from "./entry_words";
import classes from "./outlook.module.css";

/** Credits per day, and the campaigns they went to. */
export function SpendingChart({ spending }: { spending: Spending }) {
  const { t, i18n } = useTranslation("billing");
  const names = useSessionNames();
  const points = useMemo(() => {
    const day = new Intl.DateTimeFormat(i18n.language, {
      day: "numeric",
      month: "short",
      timeZone: "UTC",
    });
    return spending.days.map((one) => ({
      at: day.format(new Date(`${one.day}T00:00:00Z`)),
      spent: one.spent,
      returned: one.returned,
    }));
  }, [spending.days, i18n.language]);
  const returns = spending.days.some(({ returned }) => returned > 0);
  return (
    <div className={classes.spent}>
      <BarChart
        title={t("spent.per_day", { days: spending.days.length })}
        atLabel={t("spent.day")}
        points={points}
        series={[
          { key: "spent", label: t("spent.spent"), tone: "accent" },
          ...(returns
            ? [{ key: "returned", label: t("spent.returned"), tone: "ok" as const }]
            : []),
        ]}
        height={190}
      />
      <Section title={t("spent.by_campaign")}>
        <Bars
          label={t("spent.by_campaign")}
          tone="accent"
          bars={spending.sessions.slice(0, 5).map(({ session_id, credits }) => ({
            id: session_id ?? "api",
            label: session_id === null ? t("held.api") : names(session_id),
            value: Math.max(0, credits),
          }))}
        />
      </Section>
    </div>
  );
}
