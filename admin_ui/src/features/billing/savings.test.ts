import { expect, test } from "vitest";
import { nextTier, savedPercent, tierAt } from "./savings";

const TIERS = [
  { credits_from: 1, unit_price_micro: 65_000 },
  { credits_from: 5_000, unit_price_micro: 60_000 },
  { credits_from: 50_000, unit_price_micro: 50_000 },
];

test("a saving is rounded down and never below nothing", () => {
  expect(savedPercent(65_000, TIERS)).toBe(0);
  expect(savedPercent(60_000, TIERS)).toBe(7);
  expect(savedPercent(50_000, TIERS)).toBe(23);
  expect(savedPercent(50_000, [])).toBe(0);
});

test("an amount is of the highest tier it reaches", () => {
  expect([500, 4_999, 5_000, 60_000].map((credits) => tierAt(credits, TIERS))).toEqual([
    0, 0, 1, 2,
  ]);
  expect(nextTier(4_999, TIERS)?.credits_from).toBe(5_000);
  expect(nextTier(50_000, TIERS)).toBeUndefined();
});
