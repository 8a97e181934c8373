import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { RelativeTime } from "@/ui/relative_time";
import { StatusPill } from "@/ui/status_pill";
import { type Notice, placeOf, shownFacts, toneOf } from "./notice_words";
import classes from "./notices.module.css";
import { useMarkRead } from "./queries";

type Props = { notice: Notice; onOpen?: () => void };

/** One event: what it is, of which campaign, what it means, and the way there. */
export function NoticeLine({ notice, onOpen }: Props) {
  const { t, i18n } = useTranslation("notices");
  const reading = useMarkRead();
  const isNew = notice.read_at === null;
  const { campaign, reason } = notice.facts;
  return (
    <li className={classes.line} data-new={isNew || undefined}>
      <Link
        to={placeOf(notice)}
        onClick={() => {
          if (isNew) reading.mutate(notice.id);
          onOpen?.();
        }}
      >
        <span className={classes.head}>
          <StatusPill tone={toneOf(notice)}>{t(`kind.${notice.kind}`)}</StatusPill>
          {isNew && <span className={classes.new}>{t("bell.new")}</span>}
          <span className={classes.when}>
            <RelativeTime at={notice.created_at} />
          </span>
        </span>
        {campaign != null && <strong>{campaign}</strong>}
        <span className={classes.says}>
          {t(`says.${notice.kind}`, shownFacts(notice, i18n.language))}
        </span>
        {reason != null && <q className={classes.says}>{reason}</q>}
      </Link>
    </li>
  );
}
