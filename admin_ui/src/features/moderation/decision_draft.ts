import { useSyncExternalStore } from "react";

export type DraftComment = {
  part: "header" | "body" | "footer";
  /** Code points, as the API counts. */
  start: number;
  end: number;
  text: string;
  comment: string;
};

export type DecisionDraft = {
  reason: string | null;
  message: string;
  note: string;
  comments: readonly DraftComment[];
};

const EMPTY: DecisionDraft = { reason: null, message: "", note: "", comments: [] };

// Outside the components: what somebody wrote outlives a lost lease and a look at another case.
const drafts = new Map<string, DecisionDraft>();
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function changeDecisionDraft(caseId: string, part: Partial<DecisionDraft>): void {
  drafts.set(caseId, { ...(drafts.get(caseId) ?? EMPTY), ...part });
  for (const listener of listeners) listener();
}

export function dropDecisionDraft(caseId: string): void {
  drafts.delete(caseId);
  for (const listener of listeners) listener();
}

export function useDecisionDraft(caseId: string): DecisionDraft {
  return useSyncExternalStore(subscribe, () => drafts.get(caseId) ?? EMPTY);
}
