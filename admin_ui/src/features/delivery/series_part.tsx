import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconPlayerPause, IconPlayerPlay, IconPlayerStop } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { SeriesView, SessionView } from "@/api/shapes";
import { ConfirmDialog } from "@/ui/confirm_dialog";
import { formatInteger, formatPlanned } from "@/ui/format";
import { Section } from "@/ui/page_header";
import { SessionStatePill } from "@/ui/state_pill";
import { Dates } from "@/ui/time_fields";
import classes from "./schedule_card.module.css";
import { type SeriesAct, seriesQuery, useSeriesAct } from "./schedule_writes";

const SKIPPABLE = new Set(["screening", "awaiting_validation", "approved", "scheduled"]);

type Props = { id: string; session: SessionView; mayAct: boolean };

/** The series of an occurrence: what is still to come, and who may take it out. */
export function SeriesPart({ id, session, mayAct }: Props) {
  const { t, i18n } = useTranslation("schedule");
  const series = useQuery(seriesQuery(id)).data;
  const [asked, setAsked] = useState<SeriesAct | null>(null);
  const act = useSeriesAct(id, session, ({ verb }) => {
    setAsked(null);
    notifications.show({ message: t(`did.${verb}`) });
  });
  if (series === undefined) return <Section title={t("series")}>{null}</Section>;
  const when = (at: string) => formatPlanned(new Date(at), i18n.language, series.zone);
  return (
    <Section title={t("series")}>
      <p className={classes.when}>
        <small>{stateWords(series)}</small>
      </p>
      <Dates
        dates={series.upcoming}
        zone={series.zone}
        note={(date) => (
          <Note
            series={series}
            number={date.number}
            own={session.id}
            onAsk={mayAct ? setAsked : undefined}
          />
        )}
      />
      {mayAct && series.state !== "ended" && (
        <div className={classes.buttons}>
          {series.state === "active" ? (
            <Button
              variant="default"
              leftSection={<IconPlayerPause size={16} />}
              onClick={() => setAsked({ verb: "pause" })}
            >
              {t("pause")}
            </Button>
          ) : (
            <Button
              leftSection={<IconPlayerPlay size={16} />}
              onClick={() => setAsked({ verb: "resume" })}
            >
              {t("resume")}
            </Button>
          )}
          <Button
            variant="default"
            data-tone="bad"
            leftSection={<IconPlayerStop size={16} />}
            onClick={() => setAsked({ verb: "end" })}
          >
            {t("end")}
          </Button>
        </div>
      )}
      {asked !== null && (
        <ConfirmDialog
          opened
          onClose={() => {
            setAsked(null);
            act.reset();
          }}
          onConfirm={() => act.mutate(asked)}
          title={t(`${asked.verb}_title`)}
          confirm={t(asked.verb)}
          danger={asked.verb === "end"}
          pending={act.isPending}
          error={act.error}
        >
          <p>
            {asked.verb === "skip"
              ? t("skip_text", { when: when(asked.at) })
              : t(`${asked.verb}_text`)}
          </p>
        </ConfirmDialog>
      )}
    </Section>
  );

  function stateWords(shown: SeriesView): string {
    const words = t(`series_state.${shown.state}`, {
      total: formatInteger(shown.total, i18n.language),
      first: when(shown.first_at),
    });
    const reason = shown.reason !== null && `reason.${shown.reason}`;
    return reason !== false && i18n.exists(reason, { ns: "schedule" })
      ? `${words} ${t(reason as "reason.tenant")}`
      : words;
  }
}

type NoteProps = {
  series: SeriesView;
  number: number;
  own: string;
  onAsk?: (act: SeriesAct) => void;
};

function Note({ series, number, own, onAsk }: NoteProps) {
  const { t } = useTranslation("schedule");
  const date = series.upcoming.find((each) => each.number === number);
  if (date === undefined) return null;
  if (date.is_skipped) return <small className={classes.skip}>{t("skipped")}</small>;
  const mayGo = date.session_state === null || SKIPPABLE.has(date.session_state);
  return (
    <>
      {date.session_state !== null &&
        date.session_id !== null &&
        (date.session_id === own ? (
          <SessionStatePill state={date.session_state} />
        ) : (
          <Link to="/campaigns/$sessionId" params={{ sessionId: date.session_id }}>
            <SessionStatePill state={date.session_state} />
          </Link>
        ))}
      {onAsk !== undefined && series.state !== "ended" && mayGo && (
        <Button
          className={classes.skip}
          size="compact-xs"
          variant="subtle"
          onClick={() => onAsk({ verb: "skip", number, at: date.at })}
        >
          {t("skip")}
        </Button>
      )}
    </>
  );
}
