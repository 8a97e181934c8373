import { useSyncExternalStore } from "react";
import type { CaseKey, Verdict } from "./queries";

export type PendingVote = {
  key: CaseKey;
  voteId: string;
  verdict: Verdict;
  title: string;
  takesEffectAt: string;
};

// Outside the components: what can still be undone outlives a look at another page.
let pending: readonly PendingVote[] = [];
const listeners = new Set<() => void>();

function set(next: readonly PendingVote[]): void {
  pending = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function addPendingVote(vote: PendingVote): void {
  set([...pending, vote]);
}

export function dropPendingVote(voteId: string): void {
  set(pending.filter((vote) => vote.voteId !== voteId));
}

/** The newest decision that can still be undone. */
export function usePendingVote(): PendingVote | null {
  return useSyncExternalStore(subscribe, () => pending.at(-1) ?? null);
}
