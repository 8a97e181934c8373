import { expect, test } from "vitest";
import { asList, blank, isComplete, type Rule, valuesOf, withComparison } from "./rule_model";

const CITY = { name: "city", label: "City", kind: "text" } as const;

test("an unfinished rule is not complete, wherever it stands", () => {
  const city: Rule = { kind: "attribute", name: "city", comparison: "equals", values: [] };
  expect(isComplete(city)).toBe(false);
  expect(isComplete({ kind: "not", of: { kind: "any", of: [city] } })).toBe(false);
  expect(isComplete({ ...city, values: ["Oslo"] })).toBe(true);
  expect(isComplete({ kind: "all", of: [] })).toBe(false);
  expect(isComplete({ kind: "group", id: "" })).toBe(false);
  expect(isComplete({ kind: "consent" })).toBe(true);
});

test("a comparison keeps the values it has a place for", () => {
  const rule = {
    kind: "attribute",
    name: "points",
    comparison: "between",
    values: [1, 2],
  } as const;
  expect(withComparison({ ...rule, values: [1, 2] }, "at_least").values).toEqual([1]);
  expect(withComparison({ ...rule, values: [1, 2] }, "is_set").values).toEqual([]);
  expect(withComparison({ ...rule, values: [1, 2] }, "one_of").values).toEqual([1, 2]);
  expect(valuesOf("between")).toBe(2);
});

test("without attributes a field is asked for, and one condition is a list of one", () => {
  expect(blank("attribute", []).kind).toBe("field");
  expect(blank("attribute", [CITY])).toMatchObject({ name: "city", comparison: "equals" });
  expect(asList({ kind: "consent" })).toEqual({ kind: "all", of: [{ kind: "consent" }] });
});
