import type { ScreeningProblem, SessionView, SpanComment } from "@/api/shapes";
import type { Mark } from "@/ui/marked_text";
import { utf16Index } from "@/ui/spans";

/** Where the passage still stands as it was: once it is rewritten, the comment has done its work. */
export function commentMarks(
  text: string,
  part: SpanComment["part"],
  session: SessionView,
): Mark[] {
  return (session.comments as SpanComment[])
    .filter((comment) => comment.part === part)
    .flatMap(({ start, end, text: passage, comment }) => {
      const from = utf16Index(text, start);
      const to = utf16Index(text, end);
      if (passage !== "" && text.slice(from, to) !== passage) {
        const moved = text.indexOf(passage);
        if (moved < 0) return [];
        const mark = { from: moved, to: moved + passage.length };
        return [{ ...mark, tone: "accent" as const, title: comment }];
      }
      return [{ from, to, tone: "accent" as const, title: comment }];
    });
}

/** What a rule found in a rendered text, where the written text says the same. */
export function problemMarks(text: string, session: SessionView): Mark[] {
  return (session.problems as ScreeningProblem[])
    .filter(({ matched }) => matched !== "" && text.includes(matched))
    .map(({ matched, message }) => {
      const from = text.indexOf(matched);
      return { from, to: from + matched.length, tone: "bad" as const, title: message };
    });
}
