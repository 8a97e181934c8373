import { expect, test } from "vitest";
import { partsOfRow } from "./row_parts";

test("who failed is told from who is waited for", () => {
  expect(partsOfRow({ planned: 100, final: 60, delivered: 48, accepted: 30 })).toEqual({
    delivered: 48,
    waiting: 30,
    failed: 12,
    queued: 10,
  });
});

test("nothing is queued of what is planned batch by batch and ahead of its total", () => {
  expect(partsOfRow({ planned: null, final: 2, delivered: 2, accepted: 1 }).queued).toBe(0);
});
