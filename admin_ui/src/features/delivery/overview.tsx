import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import type { MinuteView, SessionView } from "@/api/shapes";
import { Bars } from "@/ui/charts/bars";
import { CreditAmount } from "@/ui/credit_amount";
import { formatInteger, formatPercent, formatProgress } from "@/ui/format";
import { Section } from "@/ui/page_header";
import { ProgressBar } from "@/ui/progress_bar";
import { RelativeTime } from "@/ui/relative_time";
import { Stat, StatRow } from "@/ui/stat";
import { deliveryRate, paceOf, partsOf, secondsLeft } from "./figures";
import { minutesQuery } from "./queries";
import { Replies } from "./replies_stat";
import classes from "./session_page.module.css";

// Curves weigh more than the rest of the page, which need not wait for them.
const Minutes = lazy(() => import("./minutes_chart"));

const RUNNING = new Set(["sending", "paused", "settling"]);
const CAUSES_SHOWN = 6;

export function Overview({ session }: { session: SessionView }) {
  const { t, i18n } = useTranslation();
  const isRunning = RUNNING.has(session.state);
  const minutes = useQuery(minutesQuery(session.id, isRunning)).data ?? [];
  const { progress, quote } = session;
  if (progress.planned === 0) return <Expected session={session} />;
  const rate = deliveryRate(session);
  const number = (value: number) => formatInteger(value, i18n.language);
  return (
    <div className={classes.grid}>
      <Hero session={session} minutes={minutes} />
      <StatRow label={t("session.results")}>
        <Stat
          label={t("session.delivery_rate")}
          value={rate === null ? "–" : formatPercent(rate, i18n.language)}
          note={t("session.delivery_rate_note")}
        />
        <Stat
          label={t("session.submitted")}
          value={number(progress.submitted)}
          note={t("session.submitted_note", {
            count: progress.segments_accepted,
            amount: number(progress.segments_accepted),
          })}
        />
        <Stat
          label={t("session.retrying")}
          value={number(progress.waiting_retry)}
          note={t("session.retrying_note")}
        />
        <Stat
          label={t("session.left_out")}
          value={number(progress.left_out + progress.excluded)}
          note={t("session.left_out_note")}
        />
        <Replies session={session} />
        <Stat
          label={t("session.spent")}
          value={<CreditAmount credits={progress.credits_captured} />}
          note={
            progress.credits_returned > 0
              ? t("session.returned", {
                  count: progress.credits_returned,
                  amount: number(progress.credits_returned),
                })
              : t("session.of_quoted", {
                  amount: number(quote?.credits ?? session.ceiling_credits ?? 0),
                })
          }
        />
      </StatRow>
      <div className={classes.wideNarrow}>
        <Suspense fallback={<Skeleton height={290} radius="lg" />}>
          <Minutes minutes={minutes} />
        </Suspense>
        <Causes session={session} />
      </div>
    </div>
  );
}

function Hero({ session, minutes }: { session: SessionView; minutes: readonly MinuteView[] }) {
  const { t, i18n } = useTranslation();
  const { progress } = session;
  const pace = paceOf(minutes);
  const left = secondsLeft(session, pace);
  const number = (value: number) => formatInteger(value, i18n.language);
  return (
    <Section>
      <div className={classes.hero}>
        <p>
          <strong>{formatProgress(progress.final, progress.planned, i18n.language)}</strong>
          <span>
            {t("session.handled", {
              final: number(progress.final),
              planned: number(progress.planned),
            })}
          </span>
        </p>
        <dl>
          {session.state === "sending" && pace !== null && (
            <div>
              <dt>{t("session.pace")}</dt>
              <dd className="tabular">
                {t("session.per_second", { rate: pace.toFixed(pace < 10 ? 1 : 0) })}
              </dd>
            </div>
          )}
          {left !== null && (
            <div>
              <dt>{t("session.time_left")}</dt>
              <dd className="tabular">
                {t("session.minutes", { count: Math.max(1, Math.ceil(left / 60)) })}
              </dd>
            </div>
          )}
          {progress.last_receipt_at !== null && (
            <div>
              <dt>{t("session.last_receipt")}</dt>
              <dd>
                <RelativeTime at={progress.last_receipt_at} />
              </dd>
            </div>
          )}
        </dl>
      </div>
      <ProgressBar label={session.campaign_name ?? ""} {...partsOf(session)} />
      {(progress.left_out > 0 || progress.cancelled > 0) && (
        <p className={classes.below}>
          {progress.cancelled > 0 && (
            <span>
              {t("session.cancelled", {
                count: progress.cancelled,
                amount: number(progress.cancelled),
              })}
            </span>
          )}
          {progress.left_out > 0 && (
            <span>
              {t("session.left_out_before", {
                count: progress.left_out,
                amount: number(progress.left_out),
              })}
            </span>
          )}
        </p>
      )}
    </Section>
  );
}

function Causes({ session }: { session: SessionView }) {
  const { t, i18n } = useTranslation();
  const causes = Object.entries(session.causes).sort(([, a], [, b]) => b - a);
  const shown = causes.slice(0, CAUSES_SHOWN);
  const rest = causes.slice(CAUSES_SHOWN).reduce((sum, [, count]) => sum + count, 0);
  const bars = shown.map(([cause, value]) => ({
    id: cause,
    label: i18n.exists(`cause.${cause}`) ? i18n.t(`cause.${cause}` as "brand") : cause,
    value,
  }));
  if (rest > 0) bars.push({ id: "rest", label: t("session.other_causes"), value: rest });
  return (
    <Section title={t("session.why_failed")}>
      {bars.length === 0 ? (
        <p className={classes.quiet}>{t("session.none_failed")}</p>
      ) : (
        <Bars label={t("session.why_failed")} bars={bars} tone="bad" />
      )}
    </Section>
  );
}

/** Before anything was planned: what was agreed, and what is waited for. */
function Expected({ session }: { session: SessionView }) {
  const { t, i18n } = useTranslation();
  const { quote } = session;
  if (quote === null) {
    return (
      <Section>
        <p className={classes.quiet}>{t("session.nothing_planned")}</p>
      </Section>
    );
  }
  const number = (value: number) => formatInteger(value, i18n.language);
  const leftOut = Object.values(quote.excluded).reduce((sum, count) => sum + count, 0);
  return (
    <div className={classes.grid}>
      <StatRow label={t("session.expected")}>
        <Stat label={t("composer.figures.recipients")} value={number(quote.recipients)} />
        <Stat label={t("composer.figures.segments")} value={number(quote.segments)} />
        <Stat
          label={t("composer.figures.cost")}
          value={<CreditAmount credits={quote.credits} />}
          note={t("session.not_charged")}
        />
        <Stat
          label={t("composer.confirm.ceiling")}
          value={<CreditAmount credits={session.ceiling_credits ?? quote.ceiling_credits} />}
          note={t("composer.confirm.ceiling_note")}
        />
        <Stat label={t("session.left_out")} value={number(leftOut)} />
      </StatRow>
      <Section title={t("composer.confirm.countries")}>
        <Bars
          label={t("composer.confirm.countries")}
          bars={[...quote.countries]
            .sort((a, b) => b.recipients - a.recipients)
            .map(({ country, recipients }) => ({
              id: country,
              label:
                new Intl.DisplayNames(i18n.language, { type: "region" }).of(country) ?? country,
              value: recipients,
            }))}
        />
      </Section>
    </div>
  );
}
