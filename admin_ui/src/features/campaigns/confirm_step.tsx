import { Button, Checkbox } from "@mantine/core";
import { IconRefresh, IconSend } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { Trans, useTranslation } from "react-i18next";
import { useSession } from "@/api/session";
import type { QuoteView, SessionView } from "@/api/shapes";
import { Callout } from "@/ui/callout";
import { Bars } from "@/ui/charts/bars";
import { CreditAmount } from "@/ui/credit_amount";
import { formatInteger } from "@/ui/format";
import { Section } from "@/ui/page_header";
import { Stat, StatRow } from "@/ui/stat";
import { Delayed, ErrorState } from "@/ui/states";
import { TopUpLink } from "@/ui/top_up_link";
import classes from "./confirm_step.module.css";
import { Consent, Then, Waiting } from "./confirm_words";
import { DraftProblems } from "./draft_problems";
import { ForecastNotice } from "./forecast_notice";
import { sessionQuery } from "./queries";
import { ScheduleChoice } from "./schedule_choice";
import { leftOut } from "./steps";
import type { DraftHandle } from "./use_draft";
import { useQuote, useSubmit } from "./writes";

const SUBMITTING_ROLES: ReadonlySet<string> = new Set(["owner", "manager", "sender"]);

type Props = { draft: DraftHandle; session: SessionView };

/** The last step: what goes where, when, at what cost, agreed to in one sentence and by one tick. */
export function ConfirmStep({ draft, session }: Props) {
  const [isTimed, setTimed] = useState(false);
  return (
    <>
      <ScheduleChoice draft={draft} session={session} onReady={setTimed} />
      <Counted draft={draft} session={session} isTimed={isTimed || session.state !== "draft"} />
    </>
  );
}

function Counted({ draft, session, isTimed }: Props & { isTimed: boolean }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const quoting = useQuote(session.id, (quote) =>
    queries.setQueryData(sessionQuery(session.id).queryKey, (current) =>
      current === undefined ? current : { ...current, quote },
    ),
  );
  const blocked = session.draft_problems.length > 0;
  const settled = draft.state === "saved";
  const asked = useRef<number | null>(null);
  const { mutate } = quoting;
  useEffect(() => {
    if (blocked || !settled || session.quote !== null || asked.current === draft.version) return;
    asked.current = draft.version;
    mutate(draft.version);
  }, [blocked, settled, session.quote, draft.version, mutate]);

  if (blocked) return <DraftProblems session={session} />;
  if (quoting.isError) {
    return (
      <ErrorState
        error={quoting.error}
        safe={t("composer.nothing_sent")}
        onRetry={() => quoting.mutate(draft.version)}
      />
    );
  }
  if (session.quote === null || quoting.isPending) {
    return (
      <Section>
        <Delayed>
          <p role="status">{t("composer.confirm.counting")}</p>
        </Delayed>
      </Section>
    );
  }
  return (
    <>
      <QuoteFigures quote={session.quote} />
      {session.quote.recipients === 0 ? (
        <Callout
          tone="bad"
          title={t("composer.confirm.nobody")}
          action={
            <Button variant="default" onClick={() => quoting.mutate(draft.version)}>
              {t("composer.confirm.count_again")}
            </Button>
          }
        >
          {t("composer.confirm.nobody_text")}
        </Callout>
      ) : (
        <Agreement
          key={session.quote.id}
          quote={session.quote}
          session={session}
          isReady={isTimed && settled}
          onAgain={() => quoting.mutate(draft.version)}
        />
      )}
    </>
  );
}

function QuoteFigures({ quote }: { quote: QuoteView }) {
  const { t, i18n } = useTranslation();
  const out = leftOut(quote);
  const reasons = Object.entries(quote.excluded).sort(([, a], [, b]) => b - a);
  const span =
    quote.segments_min === quote.segments_max
      ? t("composer.confirm.segments_each", { count: quote.segments_max })
      : t("composer.confirm.segments_span", { min: quote.segments_min, max: quote.segments_max });
  return (
    <>
      <StatRow label={t("composer.confirm.figures")}>
        <Stat
          label={t("composer.figures.recipients")}
          value={formatInteger(quote.recipients, i18n.language)}
          note={t("composer.confirm.left_out", {
            count: out,
            amount: formatInteger(out, i18n.language),
          })}
        />
        <Stat
          label={t("composer.figures.segments")}
          value={formatInteger(quote.segments, i18n.language)}
          note={span}
        />
        <Stat
          label={t("composer.figures.cost")}
          value={<CreditAmount credits={quote.credits} />}
          note={t(quote.is_exact ? "composer.confirm.exact" : "composer.confirm.estimate")}
        />
        <Stat
          label={t("composer.confirm.ceiling")}
          value={<CreditAmount credits={quote.ceiling_credits} />}
          note={t("composer.confirm.ceiling_note")}
        />
      </StatRow>
      <div className={classes.halves}>
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
        <Section title={t("composer.confirm.why_left_out")}>
          {reasons.length === 0 ? (
            <p className={classes.quiet}>{t("composer.confirm.nobody_left_out")}</p>
          ) : (
            <Bars
              label={t("composer.confirm.why_left_out")}
              bars={reasons.map(([reason, value]) => ({
                id: reason,
                label: i18n.exists(`exclusion.${reason}`)
                  ? i18n.t(`exclusion.${reason}` as "brand")
                  : reason,
                value,
              }))}
            />
          )}
        </Section>
      </div>
    </>
  );
}

type AgreementProps = {
  quote: QuoteView;
  session: SessionView;
  isReady: boolean;
  onAgain: () => void;
};

function Agreement({ quote, session, isReady, onAgain }: AgreementProps) {
  const { t, i18n } = useTranslation();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const role = useSession()?.member_role ?? "viewer";
  const [agreed, setAgreed] = useState(false);
  const submit = useSubmit(session.id, async (submitted) => {
    queries.setQueryData(sessionQuery(session.id).queryKey, submitted);
    await queries.invalidateQueries({ queryKey: ["sessions"] });
    await navigate({ to: "/campaigns/$sessionId", params: { sessionId: session.id } });
  });
  const maySubmit = SUBMITTING_ROLES.has(role);
  const number = (value: number) => formatInteger(value, i18n.language);
  return (
    <Section title={t("composer.confirm.title")}>
      <p className={classes.sentence}>
        <Trans
          i18nKey="composer.confirm.sentence"
          values={{
            name: session.campaign_name ?? t("campaigns.unnamed"),
            recipients: number(quote.recipients),
            credits: number(quote.credits),
            ceiling: number(quote.ceiling_credits),
          }}
          components={{ b: <strong /> }}
        />
      </p>
      <Then session={session} quote={quote} />
      <Waiting quote={quote} zone={session.draft.schedule?.zone} />
      {session.draft.schedule ? (
        <ForecastNotice sessionId={session.id} version={session.draft_version} />
      ) : (
        quote.shortfall_credits !== null &&
        quote.shortfall_credits > 0 && (
          <Callout
            tone="warn"
            title={t("composer.confirm.short_title", {
              count: quote.shortfall_credits,
              amount: number(quote.shortfall_credits),
            })}
            action={<TopUpLink />}
          >
            {t("composer.confirm.short_text", { available: number(quote.available_credits ?? 0) })}
          </Callout>
        )
      )}
      <Checkbox
        my="md"
        checked={agreed}
        disabled={!maySubmit}
        onChange={(event) => setAgreed(event.currentTarget.checked)}
        label={<Consent session={session} quote={quote} />}
      />
      {submit.isError && (
        <ErrorState compact error={submit.error} safe={t("composer.nothing_sent")} />
      )}
      <div className={classes.buttons}>
        <Button
          size="md"
          leftSection={<IconSend size={17} />}
          disabled={!agreed || !maySubmit || !isReady}
          loading={submit.isPending}
          title={
            maySubmit ? (agreed ? undefined : t("confirm.tick_first")) : t("composer.confirm.role")
          }
          onClick={() => submit.mutate(quote)}
        >
          {t("composer.confirm.submit")}
        </Button>
        <Button variant="subtle" leftSection={<IconRefresh size={15} />} onClick={onAgain}>
          {t("composer.confirm.count_again")}
        </Button>
        {!maySubmit && <span className={classes.quiet}>{t("composer.confirm.role")}</span>}
      </div>
    </Section>
  );
}
