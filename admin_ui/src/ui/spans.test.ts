import { expect, test } from "vitest";
import { codePointIndex, cutAtSpans, utf16Index } from "./spans";

test("a code point beyond the first plane is two units of the browser", () => {
  expect(utf16Index("a🎁b", 2)).toBe(3);
  expect(codePointIndex("a🎁b", 3)).toBe(2);
  expect(utf16Index("ab", 9)).toBe(2);
});

test("pieces give the text back, whatever the spans", () => {
  const text = "Hi there, you";
  for (const spans of [
    [],
    [{ from: 3, to: 8 }],
    [
      { from: 3, to: 8 },
      { from: 0, to: 5 },
    ],
    [{ from: 5, to: 99 }],
    [{ from: 4, to: 4 }],
  ]) {
    expect(
      cutAtSpans(text, spans)
        .map((piece) => piece.text)
        .join(""),
    ).toBe(text);
  }
  expect(cutAtSpans(text, [{ from: 3, to: 8 }])[1]).toMatchObject({ text: "there", from: 3 });
});
