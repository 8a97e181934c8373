import type { QuoteView, SessionView } from "@/api/shapes";
import type { DraftFields } from "./use_draft";

export const STEPS = ["audience", "message", "recipients", "confirm"] as const;
export type Step = (typeof STEPS)[number];

export function stepOf(value: unknown): Step {
  return STEPS.find((step) => step === value) ?? "audience";
}

export function hasAudience({ audience }: DraftFields): boolean {
  return audience.all || audience.group_ids.length > 0 || audience.subscriber_ids.length > 0;
}

/** Written here, and saved: the server renders what it has. */
export function isRenderable(fields: DraftFields, { draft }: SessionView): boolean {
  return fields.body.trim() !== "" && draft.body.trim() !== "" && hasAudience(fields);
}

/** A tick says that nothing is missing there, not that the step was seen. */
export function isDone(step: Step, fields: DraftFields, session: SessionView): boolean {
  if (step === "audience") return hasAudience(fields);
  const isWritten =
    fields.body.trim() !== "" &&
    fields.sender_id !== null &&
    session.draft_problems.every(({ pointer }) => pointer.startsWith("/audience"));
  if (step === "message") return isWritten;
  return step === "recipients" && isWritten && hasAudience(fields);
}

/** As the server joins them: header, newline, body, space, footer. */
export function wholeText({ header, body, footer }: DraftFields): string {
  const below = body !== "" && footer !== "" ? `${body} ${footer}` : body || footer;
  return header !== "" && below !== "" ? `${header}\n${below}` : header || below;
}

export function leftOut(quote: QuoteView): number {
  return Object.values(quote.excluded).reduce((sum, count) => sum + count, 0);
}
