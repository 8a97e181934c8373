import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { SessionView } from "@/api/shapes";
import { Callout } from "@/ui/callout";
import { formatExact, formatInteger } from "@/ui/format";
import { waitingQuery } from "./queries";
import classes from "./session_page.module.css";

const HOURS_SHOWN = 6;
const HELD: ReadonlySet<SessionView["state"]> = new Set(["sending", "paused"]);

/** How many messages wait for the hours of their recipients, and until when. */
export function WaitingNotice({ session }: { session: SessionView }) {
  return HELD.has(session.state) ? <Waiting id={session.id} /> : null;
}

function Waiting({ id }: { id: string }) {
  const { t, i18n } = useTranslation("targeting");
  const waiting = useQuery(waitingQuery(id)).data;
  if (waiting === undefined || waiting.next_at === null) return null;
  const number = (value: number) => formatInteger(value, i18n.language);
  const at = (moment: string) => formatExact(new Date(moment), i18n.language);
  const rest = waiting.hours.length - HOURS_SHOWN;
  return (
    <Callout
      tone="info"
      live
      title={t("waiting.title", {
        count: waiting.messages,
        amount: number(waiting.messages),
        at: at(waiting.next_at),
      })}
    >
      {t("waiting.text")}
      {waiting.hours.length > 1 && (
        <ul className={classes.hours}>
          {waiting.hours.slice(0, HOURS_SHOWN).map(({ opens_at, messages }) => (
            <li key={opens_at} className="tabular">
              {t("waiting.hour", { at: at(opens_at), amount: number(messages) })}
            </li>
          ))}
          {rest > 0 && <li>{t("waiting.more", { count: rest })}</li>}
        </ul>
      )}
    </Callout>
  );
}
