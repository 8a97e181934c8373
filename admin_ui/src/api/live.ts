import { type QueryClient, type QueryKey, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

/**
 * One event of `GET /v1/events`: an absolute snapshot `{topic, id, version, …}`, never an increment,
 * so a lost one heals with the next.
 */
export type LiveMessage = { topic: string; id?: string; version: number } & Record<string, unknown>;

export type LiveState = "live" | "reconnecting" | "paused";

/**
 * How a topic reaches the cache: which entry, and how a snapshot changes what stands there. Without
 * `merge` the entry is read again.
 */
export type LiveBinding = {
  topic: string;
  queryKey: (message: LiveMessage) => QueryKey;
  merge?: (current: unknown, message: LiveMessage) => unknown;
};

const POLL_INTERVAL_MS = 10_000;
// Faster figures cannot be read, and every repaint costs a laptop's battery.
const REPAINT_INTERVAL_MS = 500;
const RECONNECT_FIRST_MS = 1_000;
const RECONNECT_MOST_MS = 30_000;

type Connection = { close: () => void };

type Source = Pick<EventSource, "close" | "addEventListener" | "readyState">;

export type LiveOptions = {
  bindings: readonly LiveBinding[];
  queries: QueryClient;
  onState: (state: LiveState) => void;
  open?: (url: string) => Source;
};

function parseMessage(data: unknown): LiveMessage | null {
  try {
    const message: unknown = JSON.parse(String(data));
    if (typeof message !== "object" || message === null) return null;
    if (!("topic" in message) || typeof message.topic !== "string") return null;
    if (!("version" in message) || typeof message.version !== "number") return null;
    return message as LiveMessage;
  } catch {
    return null;
  }
}

/** Keeps the newest message per topic and id until the next repaint; older versions are dropped. */
export function createInbox(apply: (messages: LiveMessage[]) => void) {
  const versions = new Map<string, number>();
  const waiting = new Map<string, LiveMessage>();
  let timer: ReturnType<typeof setTimeout> | null = null;

  function flush() {
    timer = null;
    const messages = [...waiting.values()];
    waiting.clear();
    apply(messages);
  }

  return {
    receive(message: LiveMessage) {
      const key = `${message.topic} ${message.id ?? ""}`;
      if (message.version <= (versions.get(key) ?? Number.NEGATIVE_INFINITY)) return;
      versions.set(key, message.version);
      waiting.set(key, message);
      timer ??= setTimeout(flush, REPAINT_INTERVAL_MS);
    },
    close() {
      if (timer !== null) clearTimeout(timer);
    },
  };
}

function applyTo(queries: QueryClient, bindings: readonly LiveBinding[], message: LiveMessage) {
  for (const binding of bindings) {
    if (binding.topic !== message.topic) continue;
    const queryKey = binding.queryKey(message);
    const { merge } = binding;
    if (merge !== undefined) {
      queries.setQueryData(queryKey, (current: unknown) =>
        current === undefined ? current : merge(current, message),
      );
    } else {
      void queries.invalidateQueries({ queryKey });
    }
  }
}

/**
 * EventSource reconnects by itself after a dropped line and sends Last-Event-ID; after an HTTP error
 * it gives up for good, and then we open a new one with growing pauses. While no stream stands, the
 * bound queries are read every 10 s.
 */
export function openLive({ bindings, queries, onState, open }: LiveOptions): Connection {
  const topics = [...new Set(bindings.map((binding) => binding.topic))].sort();
  // The server names an event after the part of its topic before the colon.
  const eventNames = new Set(topics.map((topic) => topic.split(":")[0] ?? topic));
  const url = `/v1/events?topics=${encodeURIComponent(topics.join(","))}`;
  const connect = open ?? ((address: string) => new EventSource(address));
  const inbox = createInbox((messages) => {
    for (const message of messages) applyTo(queries, bindings, message);
  });
  let source: Source | null = null;
  let poll: ReturnType<typeof setInterval> | null = null;
  let retry: ReturnType<typeof setTimeout> | null = null;
  let pause = RECONNECT_FIRST_MS;

  function refresh() {
    for (const { topic, queryKey } of bindings) {
      void queries.invalidateQueries({ queryKey: queryKey({ topic, version: 0 }) });
    }
  }

  function down() {
    onState("reconnecting");
    poll ??= setInterval(refresh, POLL_INTERVAL_MS);
    if (source?.readyState !== 2 || retry !== null) return;
    retry = setTimeout(start, pause);
    pause = Math.min(pause * 2, RECONNECT_MOST_MS);
  }

  function up() {
    pause = RECONNECT_FIRST_MS;
    if (poll !== null) {
      clearInterval(poll);
      poll = null;
      // What happened while nobody listened.
      refresh();
    }
    onState("live");
  }

  function receive(event: Event) {
    const message = parseMessage((event as MessageEvent).data);
    if (message !== null) inbox.receive(message);
  }

  function start() {
    retry = null;
    source = connect(url);
    source.addEventListener("open", up);
    source.addEventListener("error", down);
    // After a gap the server asks us to read everything again.
    source.addEventListener("resync", refresh);
    for (const name of eventNames) source.addEventListener(name, receive);
  }

  onState("reconnecting");
  start();
  return {
    close() {
      source?.close();
      inbox.close();
      if (poll !== null) clearInterval(poll);
      if (retry !== null) clearTimeout(retry);
    },
  };
}

/** `bindings` must be stable (module scope or memo): a new array opens a new stream. */
export function useLive(bindings: readonly LiveBinding[]) {
  const queries = useQueryClient();
  const [paused, setPaused] = useState(false);
  const [state, setState] = useState<LiveState>("reconnecting");
  const [round, setRound] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another round opens the stream anew
  useEffect(() => {
    if (paused || bindings.length === 0) return undefined;
    const connection = openLive({ bindings, queries, onState: setState });
    return () => connection.close();
  }, [bindings, paused, queries, round]);

  const reconnect = () => setRound((before) => before + 1);
  return { state: paused ? ("paused" as const) : state, setPaused, reconnect };
}
