import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type LiveBinding, type LiveState, openLive } from "./live";

class Stream extends EventTarget {
  readyState = 0;
  close = vi.fn();
  say(message: unknown) {
    this.dispatchEvent(new MessageEvent("session", { data: JSON.stringify(message) }));
  }
}

type Progress = { delivered: number };

const binding: LiveBinding = {
  topic: "session:s1",
  queryKey: ({ id }) => (id === undefined ? ["progress"] : ["progress", id]),
  merge: (_current, { delivered }) => ({ delivered }),
};

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function listen() {
  const queries = new QueryClient();
  queries.setQueryData<Progress>(["progress", "s1"], { delivered: 1 });
  const streams: Stream[] = [];
  const states: LiveState[] = [];
  const connection = openLive({
    bindings: [binding],
    queries,
    onState: (state) => states.push(state),
    open: () => {
      const stream = new Stream();
      streams.push(stream);
      return stream as unknown as EventSource;
    },
  });
  return { queries, streams, states, connection };
}

test("absolute values replace what stands, and an older version is dropped", () => {
  const { queries, streams } = listen();
  const topic = "session:s1";
  streams[0]?.say({ topic, id: "s1", version: 7, delivered: 70 });
  streams[0]?.say({ topic, id: "s1", version: 6, delivered: 60 });
  streams[0]?.say("noise");
  expect(queries.getQueryData(["progress", "s1"])).toEqual({ delivered: 1 });
  vi.advanceTimersByTime(500);
  expect(queries.getQueryData(["progress", "s1"])).toEqual({ delivered: 70 });
});

test("a broken stream is polled every 10 s and opened again, then says Live", () => {
  const { queries, streams, states } = listen();
  const invalidate = vi.spyOn(queries, "invalidateQueries");
  const [first] = streams;
  first?.dispatchEvent(new Event("open"));
  if (first) first.readyState = 2;
  first?.dispatchEvent(new Event("error"));
  expect(states.at(-1)).toBe("reconnecting");
  vi.advanceTimersByTime(1_000);
  expect(streams).toHaveLength(2);
  vi.advanceTimersByTime(9_000);
  expect(invalidate).toHaveBeenCalledTimes(1);
  streams[1]?.dispatchEvent(new Event("open"));
  expect(states.at(-1)).toBe("live");
  expect(invalidate).toHaveBeenCalledTimes(2);
});

test("after a gap the server asks for a resync, and everything bound is read again", () => {
  const { queries, streams } = listen();
  const invalidate = vi.spyOn(queries, "invalidateQueries");
  streams[0]?.dispatchEvent(new Event("resync"));
  expect(invalidate).toHaveBeenCalledTimes(1);
});
