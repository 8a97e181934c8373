import { expect, test } from "vitest";
import { formatClock, formatInteger, formatProgress, formatRelative } from "./format";

test("progress is rounded down and an empty plan is done", () => {
  expect(formatProgress(9_999, 10_000, "en")).toBe("99.9%");
  expect(formatProgress(10_000, 10_000, "en")).toBe("100.0%");
  expect(formatProgress(0, 0, "en")).toBe("100.0%");
});

test("clocks never go below zero", () => {
  expect(formatClock(262_000)).toBe("4:22");
  expect(formatClock(3_862_000)).toBe("1:04:22");
  expect(formatClock(-5)).toBe("0:00");
});

test("times near now are relative, far ones are dates", () => {
  const now = new Date("2026-11-22T12:00:00Z");
  expect(formatRelative(new Date("2026-11-22T11:59:58Z"), now, "en")).toBe("2 sec. ago");
  expect(formatRelative(new Date("2026-11-22T14:00:00Z"), now, "en")).toBe("in 2 hr.");
  expect(formatRelative(new Date("2025-03-01T12:00:00Z"), now, "en")).toBe("Mar 1, 2025");
});

test("credits are whole, grouped as the language does", () => {
  expect(formatInteger(28_914, "en")).toBe("28,914");
  expect(formatInteger(28_914, "fr")).toBe("28\u202f914");
});
