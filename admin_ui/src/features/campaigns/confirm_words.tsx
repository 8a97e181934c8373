import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { scheduleQuery } from "@/api/schedules";
import type { QuoteView, SessionView } from "@/api/shapes";
import { Callout } from "@/ui/callout";
import { formatInteger, formatPlanned } from "@/ui/format";
import classes from "./confirm_step.module.css";
import { wishOf } from "./use_draft";

/** What happens after the tick. */
export function Then({ session, quote }: { session: SessionView; quote: QuoteView }) {
  const { t } = useTranslation();
  const { t: s, i18n } = useTranslation("schedule");
  const { schedule } = session.draft;
  const preview = useQuery(scheduleQuery(schedule ? wishOf(schedule) : null));
  if (!schedule) return <p className={classes.quiet}>{t("composer.confirm.when")}</p>;
  const when = formatPlanned(new Date(schedule.at), i18n.language, schedule.zone);
  return (
    <p className={classes.quiet}>
      {schedule.repeat
        ? s("then_repeat", {
            when,
            total: formatInteger(preview.data?.total ?? 0, i18n.language),
            ceiling: formatInteger(quote.ceiling_credits, i18n.language),
          })
        : s("then", { when })}{" "}
      {s("members")}
    </p>
  );
}

/** What is agreed to is what it comes to: a series is charged for at each of its sends. */
export function Consent({ session, quote }: { session: SessionView; quote: QuoteView }) {
  const { t, i18n } = useTranslation();
  const { t: s } = useTranslation("schedule");
  const { schedule } = session.draft;
  const preview = useQuery(scheduleQuery(schedule ? wishOf(schedule) : null));
  const number = (value: number) => formatInteger(value, i18n.language);
  const ceiling = number(quote.ceiling_credits);
  if (!schedule?.repeat) return t("composer.confirm.consent", { ceiling });
  const { total } = preview.data ?? {};
  if (!total) return s("consent_each", { ceiling });
  return s("consent_all", {
    ceiling,
    count: total,
    total: number(total),
    all: number(total * quote.ceiling_credits),
  });
}

/** Who is held back by hours, and until when, as far as it is known now. */
export function Waiting({ quote, zone }: { quote: QuoteView; zone: string | undefined }) {
  const { t, i18n } = useTranslation("schedule");
  const { waiting_recipients: count = 0, waiting_first_at: first, waiting_last_at: last } = quote;
  if (count === 0 || first == null || last == null) return null;
  const written = (at: string) => formatPlanned(new Date(at), i18n.language, zone);
  return (
    <Callout
      tone="info"
      title={t("waiting", { count, amount: formatInteger(count, i18n.language) })}
    >
      {first === last
        ? t("waiting_at", { first: written(first) })
        : t("waiting_between", { first: written(first), last: written(last) })}
    </Callout>
  );
}
