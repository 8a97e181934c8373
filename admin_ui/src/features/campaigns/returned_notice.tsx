import { useTranslation } from "react-i18next";
import type { ScreeningProblem, SessionView, SpanComment } from "@/api/shapes";
import { Callout } from "@/ui/callout";
import { formatInteger } from "@/ui/format";

/** Why the draft came back: our moderator's words, or what screening found. */
export function ReturnedNotice({ session }: { session: SessionView }) {
  const { t, i18n } = useTranslation(["app", "sending"]);
  const comments = session.comments as SpanComment[];
  const problems = session.problems as ScreeningProblem[];
  const last = session.timeline.findLast(({ event }) => event === "request_changes");
  const message = typeof last?.facts.message === "string" ? last.facts.message : "";
  return (
    <>
      {session.retry_recipients !== null && (
        <Callout tone="info">
          {t("sending:retry.kept", {
            count: session.retry_recipients,
            amount: formatInteger(session.retry_recipients, i18n.language),
          })}
        </Callout>
      )}
      {(comments.length > 0 || message !== "") && (
        <Callout tone="warn" title={t("composer.returned.changes")}>
          {message}
          <ul>
            {comments.map((comment) => (
              <li key={`${comment.part} ${comment.start} ${comment.comment}`}>
                {comment.text !== "" && <q>{comment.text}</q>} {comment.comment}
              </li>
            ))}
          </ul>
        </Callout>
      )}
      {problems.length > 0 && (
        <Callout tone="bad" title={t("composer.returned.screening")}>
          <ul>
            {problems.map((problem) => {
              const key = `screening.${problem.code}`;
              return (
                <li key={`${problem.code} ${problem.rule ?? ""} ${problem.matched}`}>
                  {i18n.exists(key) ? i18n.t(key as "brand") : problem.message}{" "}
                  {problem.matched !== "" && <q>{problem.matched}</q>}
                </li>
              );
            })}
          </ul>
        </Callout>
      )}
    </>
  );
}
