import { useSyncExternalStore } from "react";

const TICK_MS = 1_000;

// One timer for every clock on the page, so that they all turn at the same moment.
let now = Date.now();
let timer: ReturnType<typeof setInterval> | null = null;
const listeners = new Set<() => void>();

function tick() {
  now = Date.now();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === null) {
    now = Date.now();
    timer = setInterval(tick, TICK_MS);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  };
}

/** Milliseconds since the epoch, renewed every `everyMs` (whole seconds). */
export function useNow(everyMs: number = TICK_MS): number {
  return useSyncExternalStore(subscribe, () => now - (now % everyMs));
}
