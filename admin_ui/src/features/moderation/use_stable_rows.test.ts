import { act, cleanup, renderHook } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { useStableRows } from "./use_stable_rows";

afterEach(cleanup);

function mount(first: readonly string[] | undefined, list = "open") {
  const hook = renderHook(
    (props: { list: string; rows: readonly string[] | undefined }) =>
      useStableRows(props.list, props.rows, (row) => row),
    { initialProps: { list, rows: first } },
  );
  return {
    seen: () => hook.result.current.rows,
    waiting: () => hook.result.current.waiting,
    showAll: () => act(() => hook.result.current.showAll()),
    arrive: (...rows: string[]) => hook.rerender({ list, rows }),
    turnTo: (other: string, ...rows: string[]) => hook.rerender({ list: other, rows }),
  };
}

test("a new row above others waits until it is asked in", () => {
  const queue = mount(["b", "d"]);
  queue.arrive("a", "b", "c", "d");
  expect(queue.seen()).toEqual(["b", "d"]);
  expect(queue.waiting()).toBe(2);
  queue.showAll();
  expect(queue.seen()).toEqual(["a", "b", "c", "d"]);
  expect(queue.waiting()).toBe(0);
});

test("at the end, and into an emptied list, new rows come in by themselves", () => {
  const queue = mount(["a"]);
  queue.arrive("a", "b");
  expect(queue.seen()).toEqual(["a", "b"]);
  queue.arrive();
  expect(queue.seen()).toEqual([]);
  queue.arrive("c");
  expect(queue.seen()).toEqual(["c"]);
  queue.arrive("b", "c");
  expect(queue.seen()).toEqual(["c"]);
  expect(queue.waiting()).toBe(1);
});

test("what left disappears, and a new order moves nothing", () => {
  const queue = mount(["a", "b", "c"]);
  queue.arrive("c", "a");
  expect(queue.seen()).toEqual(["a", "c"]);
  expect(queue.waiting()).toBe(0);
});

test("another list is shown whole", () => {
  const queue = mount(["b"], "mine");
  queue.turnTo("open", "a", "b", "c");
  expect(queue.seen()).toEqual(["a", "b", "c"]);
  expect(queue.waiting()).toBe(0);
});
