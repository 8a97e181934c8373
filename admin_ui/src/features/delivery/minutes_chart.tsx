import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { MinuteView } from "@/api/shapes";
import { AreaChart } from "@/ui/charts/area_chart";
import { Section } from "@/ui/page_header";
import classes from "./session_page.module.css";

export default function Minutes({ minutes }: { minutes: readonly MinuteView[] }) {
  const { t, i18n } = useTranslation();
  const points = useMemo(() => {
    const clock = new Intl.DateTimeFormat(i18n.language, { hour: "2-digit", minute: "2-digit" });
    return minutes.map(({ minute, delivered, failed }) => ({
      at: clock.format(new Date(minute)),
      delivered,
      failed,
    }));
  }, [minutes, i18n.language]);
  if (points.length === 0) {
    return (
      <Section title={t("session.per_minute")}>
        <p className={classes.quiet}>{t("session.per_minute_none")}</p>
      </Section>
    );
  }
  return (
    <AreaChart
      title={t("session.per_minute")}
      atLabel={t("session.minute")}
      points={points}
      series={[
        { key: "delivered", label: t("progress.delivered"), tone: "ok" },
        { key: "failed", label: t("progress.failed"), tone: "bad" },
      ]}
    />
  );
}
