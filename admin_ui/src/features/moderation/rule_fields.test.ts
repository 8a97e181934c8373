import { expect, test } from "vitest";
import { brandsOf, textOfBrands } from "./rule_fields";

test("brands are kept as lines and come back as they were", () => {
  const brands = [
    { name: "Postnord", hosts: ["postnord.se", "postnord.no"] },
    { name: "Altinn", hosts: [] },
  ];
  expect(textOfBrands(brands)).toBe("Postnord: postnord.se, postnord.no\nAltinn");
  expect(brandsOf(textOfBrands(brands))).toEqual(brands);
  expect(brandsOf("\n : x.example\n")).toEqual([]);
});
