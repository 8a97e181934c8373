import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { FORECAST_ROLES, forecastQuery } from "@/api/schedules";
import { useSession } from "@/api/session";
import { Callout } from "@/ui/callout";
import { formatInteger, formatPlanned } from "@/ui/format";
import { TopUpLink } from "@/ui/top_up_link";

type Props = { sessionId?: string; version?: number };

/** The first planned send that the balance will not cover; nothing where all is covered. */
export function ForecastNotice({ sessionId, version }: Props) {
  const { t, i18n } = useTranslation("schedule");
  const role = useSession()?.member_role ?? "viewer";
  const forecast = useQuery({
    ...forecastQuery(sessionId ?? null, version),
    enabled: FORECAST_ROLES.has(role),
  });
  const short = forecast.data?.first_not_covered;
  if (short === undefined || short === null) return null;
  const number = (value: number) => formatInteger(value, i18n.language);
  return (
    <Callout
      tone="warn"
      title={t("not_covered", { missing: number(short.missing_credits) })}
      action={<TopUpLink />}
    >
      {t("not_covered_text", {
        name: short.campaign_name ?? t("this_send"),
        when: formatPlanned(new Date(short.due_at), i18n.language),
        required: number(short.required_credits),
        available: number(Math.max(0, short.available_credits)),
      })}
      {(short.expired_credits ?? 0) > 0 &&
        ` ${t("expiring", { amount: number(short.expired_credits ?? 0) })}`}
    </Callout>
  );
}
