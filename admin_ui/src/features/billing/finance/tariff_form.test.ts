import { expect, test } from "vitest";
import { tiersOf, typedOf } from "./tariff_form";

test("a tariff begins at one credit and its tiers rise", () => {
  expect(
    tiersOf([
      { from: 1, price: "0.065" },
      { from: 10_000, price: "0,058" },
    ]),
  ).toEqual([
    { credits_from: 1, unit_price_micro: 65_000 },
    { credits_from: 10_000, unit_price_micro: 58_000 },
  ]);
  expect(tiersOf([{ from: 2, price: "0.065" }])).toBeNull();
  expect(
    tiersOf([
      { from: 1, price: "0.065" },
      { from: 1, price: "0.06" },
    ]),
  ).toBeNull();
  expect(tiersOf([{ from: 1, price: "" }])).toBeNull();
  expect(tiersOf([{ from: "", price: "0.065" }])).toBeNull();
  expect(tiersOf([])).toBeNull();
});

test("what stands in force comes back as it was typed", () => {
  const tiers = [{ credits_from: 1, unit_price_micro: 65_000 }];
  expect(tiersOf(typedOf(tiers))).toEqual(tiers);
});
