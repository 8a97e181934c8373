import { expect, test } from "vitest";
import { formatMoney, formatUnitPrice, majorOf, microOf, minorOf } from "./money";

test("minor units are read by their currency's own digits", () => {
  expect(formatMoney(200_050, "EUR", "en")).toBe("€2,000.50");
  expect(formatMoney(2_000, "JPY", "en")).toBe("¥2,000");
  expect(majorOf(1_250, "EUR")).toBe(12.5);
});

test.each([
  ["12.50", "EUR", 1_250],
  ["12,5", "EUR", 1_250],
  ["0.07", "EUR", 7],
  ["1200", "JPY", 1_200],
  [19.99, "EUR", 1_999],
  ["12.505", "EUR", null],
  ["12.5", "JPY", null],
  ["-3", "EUR", null],
  ["", "EUR", null],
  ["1e3", "EUR", null],
])("%s %s is %s minor units, without rounding", (typed, currency, minor) => {
  expect(minorOf(typed, currency)).toBe(minor);
});

test("a price per credit keeps what is smaller than a cent", () => {
  expect(formatUnitPrice(65_000, "EUR", "en")).toBe("€0.065");
  expect(formatUnitPrice(1_000_000, "EUR", "en")).toBe("€1.00");
  expect(microOf("0.065")).toBe(65_000);
  expect(microOf("0,0581")).toBe(58_100);
  expect(microOf("0.0000001")).toBeNull();
  expect(microOf("0")).toBeNull();
});
