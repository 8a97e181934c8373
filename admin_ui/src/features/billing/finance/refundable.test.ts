import { expect, test } from "vitest";
import type { TopUp } from "../billing";
import type { Purchase } from "./finance";
import { leftOf, refundablesOf, shareMinor } from "./refundable";

const PAID = {
  id: "p1",
  state: "paid",
  credits: 3,
  refunded_credits: 0,
  refunded_minor: 0,
  gross_minor: 100,
  currency: "EUR",
  created_at: "2026-11-01T10:00:00Z",
  paid_at: "2026-11-01T10:02:00Z",
} as Purchase;
const TOP_UP = {
  id: "t1",
  state: "credited",
  amount_credits: 500,
  reference: "2026-1182",
  created_at: "2026-11-02T10:00:00Z",
  approved_at: null,
} as TopUp;

test("what was paid and what was credited can go back, the newest first", () => {
  const found = refundablesOf(
    [PAID, { ...PAID, id: "p2", state: "expired" }, { ...PAID, id: "p3", refunded_credits: 3 }],
    [TOP_UP, { ...TOP_UP, id: "t2", state: "pending" }, { ...TOP_UP, id: "t3", state: "reversed" }],
  );
  expect(found.map(({ id }) => id)).toEqual(["top_up:t1", "purchase:p1"]);
});

test("the parts of a purchase's money add up to all of it", () => {
  let [one] = refundablesOf([PAID], []);
  let sum = 0;
  while (one !== undefined && leftOf(one) > 0) {
    const share = shareMinor(one, 1) ?? 0;
    sum += share;
    one = { ...one, refunded: one.refunded + 1, refundedMinor: one.refundedMinor + share };
  }
  expect(sum).toBe(100);
});

test("money is not guessed for a top-up, nor for more than is left", () => {
  const [topUp] = refundablesOf([], [TOP_UP]);
  const [purchase] = refundablesOf([PAID], []);
  expect(topUp && shareMinor(topUp, 1)).toBeNull();
  expect(purchase && shareMinor(purchase, 4)).toBeNull();
});
