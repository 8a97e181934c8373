import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { StatusPill } from "@/ui/status_pill";
import { shortDay } from "./days";

/** Whether the last closed day agreed: the first thing one wants to know in the morning. */
export function DayState() {
  const { t, i18n } = useTranslation("finance");
  const { data } = api.useQuery("get", "/v1/finance/days", { params: { query: { limit: 1 } } });
  if (data === undefined) return null;
  const [last] = data.items;
  const look = last === undefined ? "idle" : last.agrees ? "ok" : "bad";
  return (
    <Link to="/finance/days" style={{ textDecoration: "none" }}>
      <StatusPill tone={look} size="md">
        {last === undefined
          ? t("days.none_closed")
          : t(last.agrees ? "days.agreed" : "days.differed", {
              day: shortDay(last.day, i18n.language),
            })}
      </StatusPill>
    </Link>
  );
}
