import { useTranslation } from "react-i18next";
import type { SessionView, SpanComment } from "@/api/shapes";
import { MarkedText } from "@/ui/marked_text";
import { Section } from "@/ui/page_header";
import { PhonePreview, piecesOf } from "@/ui/phone_preview";
import { RelativeTime } from "@/ui/relative_time";
import { utf16Index } from "@/ui/spans";
import classes from "./session_page.module.css";

type Content = NonNullable<SessionView["content"]>;

function wholeText({ header, body, footer }: Content): string {
  const below = body !== "" && footer !== "" ? `${body} ${footer}` : body || footer;
  return header !== "" && below !== "" ? `${header}\n${below}` : header || below;
}

function audienceNames(audience: Content["audience"]): string[] {
  const groups = Array.isArray(audience.groups) ? audience.groups : [];
  return groups.flatMap((group: unknown) =>
    typeof group === "object" && group !== null && "name" in group ? [String(group.name)] : [],
  );
}

/** What was submitted, frozen: the words a moderator saw are the words that leave. */
export function MessageTab({ session }: { session: SessionView }) {
  const { t } = useTranslation();
  const { content } = session;
  if (content === null) {
    return (
      <Section>
        <p className={classes.quiet}>{t("session.no_content")}</p>
      </Section>
    );
  }
  const marks = (session.comments as SpanComment[])
    .filter(({ part }) => part === "body")
    .map(({ start, end, comment }) => ({
      from: utf16Index(content.body, start),
      to: utf16Index(content.body, end),
      tone: "accent" as const,
      title: comment,
    }));
  const names = audienceNames(content.audience);
  return (
    <Section title={t("session.version", { version: content.version })}>
      <div className={classes.message}>
        <dl>
          <dt>{t("composer.sender")}</dt>
          <dd>{content.sender}</dd>
          {content.header !== "" && (
            <>
              <dt>{t("composer.header")}</dt>
              <dd>{content.header}</dd>
            </>
          )}
          <dt>{t("composer.body")}</dt>
          <dd>
            <MarkedText text={content.body} marks={marks} />
          </dd>
          {content.footer !== "" && (
            <>
              <dt>{t("composer.footer")}</dt>
              <dd>{content.footer}</dd>
            </>
          )}
          <dt>{t("composer.step.audience")}</dt>
          <dd>{content.audience.all === true ? t("composer.audience.all") : names.join(", ")}</dd>
          <dt>{t("session.frozen")}</dt>
          <dd>
            <RelativeTime at={content.frozen_at} />
          </dd>
          <dt>{t("session.fingerprint")}</dt>
          <dd className="mono">{content.hash.slice(0, 16)}</dd>
        </dl>
        <PhonePreview sender={content.sender} pieces={piecesOf(wholeText(content))} />
      </div>
    </Section>
  );
}
