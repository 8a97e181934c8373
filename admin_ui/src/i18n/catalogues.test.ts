import { expect, test } from "vitest";
import en from "./en.json";
import fr from "./fr.json";

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

test("every catalogue has the same keys", () => {
  expect([...leaves(fr).keys()].sort()).toEqual([...leaves(en).keys()].sort());
});

test("a translation keeps the placeholders and is not empty", () => {
  const french = leaves(fr);
  for (const [path, text] of leaves(en)) {
    expect(placeholders(french.get(path) ?? ""), path).toEqual(placeholders(text));
    expect(french.get(path)?.trim(), path).not.toBe("");
  }
});
