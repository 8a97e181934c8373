import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { AreaChart } from "@/ui/charts/area_chart";
import type { GatewayDetail } from "./gateways";
import classes from "./gateways.module.css";

/** Minute by minute: what was taken, what was refused through it, what is not known. */
export default function HealthChart({ minutes }: { minutes: GatewayDetail["minutes"] }) {
  const { t, i18n } = useTranslation("gateways");
  const points = useMemo(() => {
    const clock = new Intl.DateTimeFormat(i18n.language, { hour: "2-digit", minute: "2-digit" });
    return minutes.map((one) => ({
      at: clock.format(new Date(one.minute)),
      accepted: one.accepted ?? 0,
      errors: (one.errors ?? 0) + (one.in_doubt ?? 0),
      throttled: one.throttled ?? 0,
    }));
  }, [minutes, i18n.language]);
  if (points.length === 0) return <p className={classes.quiet}>{t("history_none")}</p>;
  return (
    <AreaChart
      title={t("per_minute")}
      atLabel={t("minute")}
      points={points}
      series={[
        { key: "accepted", label: t("accepted"), tone: "ok" },
        { key: "throttled", label: t("throttled"), tone: "warn" },
        { key: "errors", label: t("wrong"), tone: "bad" },
      ]}
    />
  );
}
