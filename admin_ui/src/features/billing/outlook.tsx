import { IconCalendarTime, IconHourglassHigh, IconLock } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { forecastQuery } from "@/api/schedules";
import { Callout } from "@/ui/callout";
import { CreditAmount } from "@/ui/credit_amount";
import { formatInteger, formatPlanned } from "@/ui/format";
import { Section } from "@/ui/page_header";
import { Delayed, ErrorState } from "@/ui/states";
import type { Spending } from "./billing";
import { SessionName } from "./entry_words";
import classes from "./outlook.module.css";
import { Warnings } from "./warnings";

const DAYS = 30;
const POLL_INTERVAL_MS = 30_000;
const HELD_SHOWN = 4;

const SpendingChart = lazy(async () => ({
  default: (await import("./spending_chart")).SpendingChart,
}));

/** How long it lasts, what is planned, what is held for which, and the days behind. */
export function Outlook({ seesSpending }: { seesSpending: boolean }) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const spending = api.useQuery(
    "get",
    "/v1/spending",
    { params: { query: { days: DAYS, zone } } },
    { enabled: seesSpending, refetchInterval: POLL_INTERVAL_MS },
  );
  return (
    <>
      <div className={classes.cards}>
        {spending.data !== undefined && <Lasts spending={spending.data} />}
        <Planned />
        {spending.data !== undefined && <Held spending={spending.data} />}
        {seesSpending && <Warnings />}
      </div>
      {spending.error !== null && (
        <ErrorState error={spending.error} onRetry={() => void spending.refetch()} compact />
      )}
      {spending.data !== undefined && spending.data.sessions.length > 0 && (
        <Suspense fallback={<Delayed>{null}</Delayed>}>
          <SpendingChart spending={spending.data} />
        </Suspense>
      )}
    </>
  );
}

function Lasts({ spending }: { spending: Spending }) {
  const { t, i18n } = useTranslation("billing");
  const { lasts_days: days, usual_per_day: usual } = spending;
  return (
    <Section>
      <Head icon={<IconHourglassHigh size={16} aria-hidden />} title={t("lasts.title")} />
      <p className={classes.figure}>
        {days === null
          ? "–"
          : t("lasts.days", { count: days, days: formatInteger(days, i18n.language) })}
      </p>
      <p className={classes.note}>
        {days === null
          ? t("lasts.unknown")
          : t("lasts.pace", { credits: formatInteger(usual, i18n.language) })}
      </p>
    </Section>
  );
}

function Planned() {
  const { t, i18n } = useTranslation("billing");
  const { data } = useQuery(forecastQuery(null));
  if (data === undefined) return null;
  const number = (value: number) => formatInteger(value, i18n.language);
  const short = data.first_not_covered;
  return (
    <Section>
      <Head icon={<IconCalendarTime size={16} aria-hidden />} title={t("planned.title")} />
      <p className={classes.figure}>
        <CreditAmount credits={data.planned_credits} />
      </p>
      <p className={classes.note}>
        {data.planned_sends === 0
          ? t("planned.none")
          : t("planned.sends", { count: data.planned_sends, amount: number(data.planned_sends) })}
      </p>
      {short !== null && short !== undefined && (
        <Callout tone="warn" title={t("planned.short", { missing: number(short.missing_credits) })}>
          {t("planned.short_text", {
            name: short.campaign_name ?? t("planned.a_send"),
            when: formatPlanned(new Date(short.due_at), i18n.language),
          })}
        </Callout>
      )}
    </Section>
  );
}

function Held({ spending }: { spending: Spending }) {
  const { t, i18n } = useTranslation("billing");
  const { held } = spending;
  const rest = held.slice(HELD_SHOWN);
  return (
    <Section>
      <Head icon={<IconLock size={16} aria-hidden />} title={t("held.title")} />
      {held.length === 0 && <p className={classes.note}>{t("held.none")}</p>}
      {held.length > 0 && (
        <ul className={classes.held}>
          {held.slice(0, HELD_SHOWN).map(({ session_id, credits }) => (
            <li key={session_id ?? "api"}>
              {session_id === null ? (
                <span>{t("held.api")}</span>
              ) : (
                <SessionName id={session_id} isTenant />
              )}
              <strong>
                <CreditAmount credits={credits} />
              </strong>
            </li>
          ))}
        </ul>
      )}
      {rest.length > 0 && (
        <p className={classes.note}>
          {t("held.more", {
            count: rest.length,
            credits: formatInteger(
              rest.reduce((sum, one) => sum + one.credits, 0),
              i18n.language,
            ),
          })}
        </p>
      )}
    </Section>
  );
}

export function Head({ icon, title }: { icon: React.ReactNode; title: string }) {
  return (
    <h2 className={classes.head}>
      {icon}
      {title}
    </h2>
  );
}
