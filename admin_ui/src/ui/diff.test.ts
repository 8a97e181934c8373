import { expect, test } from "vitest";
import { diffWords } from "./diff";

function side(before: string, after: string, hidden: "added" | "removed"): string {
  return diffWords(before, after)
    .filter((piece) => piece.kind !== hidden)
    .map((piece) => piece.text)
    .join("");
}

test.each([
  ["", ""],
  ["same", "same"],
  ["", "new text"],
  ["old text", ""],
  ["Hi {{ first_name }}, our sale", "Hi {{ name }}, you are in early"],
  ["a b c d", "d c b a"],
])("each side reads as it was: %j → %j", (before, after) => {
  expect(side(before, after, "added")).toBe(before);
  expect(side(before, after, "removed")).toBe(after);
});

test("a phrase changes as a phrase, a Liquid expression as one word", () => {
  expect(diffWords("Hi {{ first }}, our autumn sale", "Hi {{ last }}, our winter sale")).toEqual([
    { kind: "same", text: "Hi " },
    { kind: "removed", text: "{{ first }}" },
    { kind: "added", text: "{{ last }}" },
    { kind: "same", text: ", our " },
    { kind: "removed", text: "autumn" },
    { kind: "added", text: "winter" },
    { kind: "same", text: " sale" },
  ]);
});
