import { expect, test } from "vitest";
import {
  consumptionPoints,
  currenciesOf,
  liabilityPoints,
  moneyPoints,
  type Report,
  recordsOf,
  salesPoints,
} from "./report_figures";

const PERIOD = { first: "2026-11-20", last: "2026-11-22", last_closed: null };
const SALES: Report = {
  ...PERIOD,
  name: "sales",
  columns: ["day", "source", "credits", "gross_minor", "currency"],
  rows: [
    ["2026-11-20", "checkout", 500, 4_063, "EUR"],
    ["2026-11-20", "checkout", 1_000, 8_125, "EUR"],
    ["2026-11-22", "bank_transfer", 20_000, null, null],
  ],
};

test("rows are read by the names the server gave their columns", () => {
  const [first] = recordsOf(SALES);
  expect(first).toMatchObject({ day: "2026-11-20", credits: 500 });
});

test("every day of the period has a point, also one without a sale", () => {
  const points = salesPoints(SALES, "en");
  expect(points.map(({ at }) => at)).toEqual(["Nov 20", "Nov 21", "Nov 22"]);
  expect(points.map(({ checkout }) => checkout)).toEqual([1_500, 0, 0]);
  expect(points.map(({ bank_transfer }) => bank_transfer)).toEqual([0, 0, 20_000]);
});

test("money is summed by currency alone, in whole units", () => {
  expect(currenciesOf(SALES)).toEqual(["EUR"]);
  expect(moneyPoints(SALES, "EUR", "en").map(({ gross }) => gross)).toEqual([121.88, 0, 0]);
  expect(moneyPoints(SALES, "SEK", "en").map(({ gross }) => gross)).toEqual([0, 0, 0]);
});

test("a day that is not closed has no liability, which is not a liability of nothing", () => {
  const report: Report = {
    ...PERIOD,
    name: "liability",
    columns: ["day", "age", "credits", "tenants"],
    rows: [
      ["2026-11-20", "30", 900, 2],
      ["2026-11-20", "older", 50, 1],
    ],
  };
  expect(liabilityPoints(report, "en")).toEqual([
    { at: "Nov 20", "30": 900, "90": 0, "180": 0, "365": 0, older: 50 },
  ]);
});

test("what came back lowers the day it came back on", () => {
  const report: Report = {
    ...PERIOD,
    name: "consumption",
    columns: ["day", "tenant_id", "consumed"],
    rows: [
      ["2026-11-21", "a", 40],
      ["2026-11-21", "b", -3],
    ],
  };
  expect(consumptionPoints(report, "en").map(({ consumed }) => consumed)).toEqual([0, 37, 0]);
});
