import { expect, test } from "vitest";
import { declineOf, pollAfter, standingOf } from "./purchase_words";

test("coming back tells what happened, and a payment is never overlooked", () => {
  expect(standingOf({ state: "pending", cancelled: false })).toBe("waiting");
  expect(standingOf({ state: "pending", cancelled: true })).toBe("unpaid");
  // Left the page, paid in another tab.
  expect(standingOf({ state: "paid", cancelled: true })).toBe("paid");
  expect(standingOf({ state: "processing", cancelled: false })).toBe("processing");
  expect(standingOf({ state: "awaiting_customer", cancelled: false })).toBe("confirm");
  expect(standingOf({ state: "failed", cancelled: false })).toBe("declined");
  expect(standingOf({ state: "expired", cancelled: false })).toBe("unpaid");
});

test("it is asked often at first, rarely later, and not at all once it is settled", () => {
  expect(pollAfter(undefined, 0)).toBe(1_500);
  expect(pollAfter("pending", 10_000)).toBe(1_500);
  expect(pollAfter("processing", 600_000)).toBe(15_000);
  for (const settled of ["paid", "failed", "expired"] as const) {
    expect(pollAfter(settled, 0)).toBe(false);
  }
});

test("only what a buyer can act on is told in its own words", () => {
  expect(declineOf("insufficient_funds")).toBe("insufficient_funds");
  expect(declineOf("do_not_honor")).toBe("declined");
  expect(declineOf(null)).toBe("declined");
});
