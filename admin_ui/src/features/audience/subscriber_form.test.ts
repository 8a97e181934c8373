import { expect, test } from "vitest";
import { attributesOf, consentOf, EMPTY_FIELDS } from "./subscriber_form";

const attributes = [
  { name: "points", label: "Points", kind: "number" as const },
  { name: "vip", label: "VIP", kind: "boolean" as const },
  { name: "city", label: "City", kind: "text" as const },
];

test("only changed attributes are sent, typed, and an emptied one is cleared", () => {
  const before = { ...EMPTY_FIELDS, attributes: { city: "Oslo", points: "3", vip: "true" } };
  const after = { ...before, attributes: { city: "Oslo", points: "12", vip: "" } };
  expect(attributesOf(after, before, attributes)).toEqual({ points: 12, vip: null });
});

test("what is no number goes as it was typed, for the server to refuse", () => {
  const after = { ...EMPTY_FIELDS, attributes: { points: "many" } };
  expect(attributesOf(after, EMPTY_FIELDS, attributes)).toEqual({ points: "many" });
});

test("no source, no consent: the one on record stays", () => {
  expect(consentOf(EMPTY_FIELDS)).toBeUndefined();
  expect(consentOf({ ...EMPTY_FIELDS, consent_source: " Till " })?.source).toBe("Till");
});
