import { expect, test } from "vitest";
import { linkedParts } from "./linked_parts";

test("addresses are apart, and all of the text is kept", () => {
  const text = "Open it:\nhttps://desk.example/confirm-email#a-b_c\n\n-- javascript:alert(1)";
  const parts = linkedParts(text);
  expect(parts.map((part) => part.text).join("")).toBe(text);
  expect(parts.filter((part) => part.isLink).map((part) => part.text)).toEqual([
    "https://desk.example/confirm-email#a-b_c",
  ]);
});

test("a text without one stays whole", () => {
  expect(linkedParts("nothing")).toEqual([{ at: 0, text: "nothing", isLink: false }]);
  expect(linkedParts("")).toEqual([]);
});
