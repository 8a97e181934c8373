import { useTranslation } from "react-i18next";
import type { SessionView, TimelineView } from "@/api/shapes";
import { Section } from "@/ui/page_header";
import { RelativeTime } from "@/ui/relative_time";
import { type SessionState, SessionStatePill } from "@/ui/state_pill";
import classes from "./session_page.module.css";

function detailOf({ facts }: TimelineView): string {
  return ["message", "reason", "detail"]
    .map((name) => facts[name])
    .filter((value) => typeof value === "string")
    .join(" · ");
}

/** Every move of the session, newest first, and who made it. */
export function History({ session }: { session: SessionView }) {
  const { t, i18n } = useTranslation();
  function actor(name: string): string {
    const kind = name.split(":")[0] ?? "";
    const key = `session.actor.${kind}`;
    return i18n.exists(key) ? i18n.t(key as "brand") : name;
  }
  return (
    <Section flush title={t("session.tab.history")}>
      <ol className={classes.history}>
        {[...session.timeline].reverse().map((entry) => {
          const key = `session.event.${entry.event}`;
          return (
            <li key={`${entry.at} ${entry.event}`}>
              <RelativeTime at={entry.at} />
              <span>
                {i18n.exists(key) ? i18n.t(key as "brand") : entry.event}
                <small>
                  {actor(entry.actor)} {detailOf(entry)}
                </small>
              </span>
              <SessionStatePill state={entry.to_state as SessionState} />
            </li>
          );
        })}
      </ol>
    </Section>
  );
}
