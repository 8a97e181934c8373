import { expect, test } from "vitest";
import {
  formatMoney,
  formatRate,
  formatUnitPrice,
  majorOf,
  microOf,
  minorDigits,
  minorOf,
} from "./money";

test("a currency has its own number of digits", () => {
  expect(["EUR", "NOK", "JPY", "ISK"].map(minorDigits)).toEqual([2, 2, 0, 0]);
  expect(formatMoney(32_500, "EUR", "en")).toBe("€325.00");
  expect(formatMoney(32_500, "JPY", "en")).toBe("¥32,500");
  expect(formatMoney(-199, "EUR", "en")).toBe("-€1.99");
  expect(formatMoney(123_456, "EUR", "fr").replace(/\s/gu, " ")).toBe("1 234,56 €");
});

test("the price of one credit is not rounded to the cent", () => {
  expect(formatUnitPrice(65_000, "EUR", "en")).toBe("€0.065");
  expect(formatUnitPrice(60_000, "EUR", "en")).toBe("€0.06");
  expect(formatUnitPrice(54_321, "EUR", "en")).toBe("€0.054321");
});

test("what is typed becomes minor units without a binary remainder", () => {
  expect(minorOf("19.99", "EUR")).toBe(1_999);
  expect(minorOf(1.15, "EUR")).toBe(115);
  expect(minorOf(250, "JPY")).toBe(250);
  for (const nothing of ["", "-5", 0, "x"]) expect(minorOf(nothing, "EUR")).toBeNull();
  expect(majorOf(1_999, "EUR")).toBe(19.99);
});

test("rates read as on paper", () => {
  expect(formatRate(250, "en")).toBe("25%");
  expect(formatRate(55, "en")).toBe("5.5%");
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
