import { act, cleanup, renderHook } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { moved, replaced, useEdited, without } from "./use_edited";

afterEach(cleanup);

test("items move within their ends, are replaced and taken out", () => {
  expect(moved(["a", "b", "c"], 0, 1)).toEqual(["b", "a", "c"]);
  expect(moved(["a", "b"], 0, -1)).toEqual(["a", "b"]);
  expect(moved(["a", "b"], 1, 1)).toEqual(["a", "b"]);
  expect(replaced(["a", "b"], 1, "x")).toEqual(["a", "x"]);
  expect(without(["a", "b"], 0)).toEqual(["b"]);
});

test("what was not edited follows the server; what was stays until it is discarded", () => {
  const hook = renderHook(({ read }) => useEdited(read), {
    initialProps: { read: { n: 1, m: 1 } },
  });
  hook.rerender({ read: { n: 2, m: 1 } });
  expect(hook.result.current.value).toEqual({ n: 2, m: 1 });
  act(() => hook.result.current.change({ m: 5 }));
  hook.rerender({ read: { n: 3, m: 1 } });
  expect(hook.result.current.value).toEqual({ n: 2, m: 5 });
  expect(hook.result.current.isChanged).toBe(true);
  act(() => hook.result.current.discard());
  expect(hook.result.current.value).toEqual({ n: 3, m: 1 });
});
