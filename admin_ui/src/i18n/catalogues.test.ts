import { expect, test } from "vitest";
import en from "./en.json";
import fr from "./fr.json";
import targetingEn from "./targeting.en.json";
import targetingFr from "./targeting.fr.json";

type Tree = { [key: string]: string | Tree };

function leaves(tree: Tree, prefix = ""): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === "string") found.set(prefix + key, value);
    else for (const [path, text] of leaves(value, `${prefix + key}.`)) found.set(path, text);
  }
  return found;
}

function placeholders(text: string): string[] {
  return [...text.matchAll(/\{\{\s*(\w+)/g)].map((match) => match[1] ?? "").sort();
}

const PAIRS: [string, Tree, Tree][] = [
  ["app", en, fr],
  ["targeting", targetingEn, targetingFr],
];

test.each(PAIRS)("every catalogue has the same keys: %s", (_, english, french) => {
  expect([...leaves(french).keys()].sort()).toEqual([...leaves(english).keys()].sort());
});

test.each(PAIRS)("a translation keeps the placeholders and is not empty: %s", (_, from, to) => {
  const french = leaves(to);
  for (const [path, text] of leaves(from)) {
    expect(placeholders(french.get(path) ?? ""), path).toEqual(placeholders(text));
    expect(french.get(path)?.trim(), path).not.toBe("");
  }
});
