import { expect, test } from "vitest";
import {
  attributeChoices,
  type CheckFields,
  chosenTarget,
  isSame,
  optionsOf,
} from "./import_options";

const fields: CheckFields = {
  mapping: { Mobil: "phone", By: "attribute:City" },
  default_country: "NO",
  group_id: "g1",
  new_group: "",
  duplicates: "last",
  encoding: null,
  delimiter: null,
  consent_source: "",
  consent_text: "",
};
const city = { name: "city", label: "City", kind: "text" as const };
const made = (label: string) => `new ${label}`;

test("a group named anew wins over the chosen one, and no columns means: guess again", () => {
  const options = optionsOf({ ...fields, new_group: " November ", mapping: {} });
  expect(options).toMatchObject({ group_id: null, new_group: "November", mapping: null });
});

test("the same options in another order are the same", () => {
  const turned = { ...fields, mapping: { By: "attribute:City", Mobil: "phone" } };
  expect(isSame(fields, turned)).toBe(true);
  expect(isSame(fields, { ...fields, duplicates: "first" })).toBe(false);
});

test("a column may become an attribute that exists, or a new one of its own name", () => {
  const choices = attributeChoices("By", "attribute:city", [city], made);
  expect(choices).toEqual([
    { value: "attribute:City", label: "City" },
    { value: "attribute:By", label: "new By" },
  ]);
  expect(chosenTarget("attribute:city", choices)).toBe("attribute:City");
});
