import { expect, test } from "vitest";
import en from "./en.json";
import fr from "./fr.json";
import sendingEn from "./sending.en.json";
import sendingFr from "./sending.fr.json";

const ENGLISH = { app: en, sending: sendingEn };
const FRENCH = { app: fr, sending: sendingFr };

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
  expect([...leaves(FRENCH).keys()].sort()).toEqual([...leaves(ENGLISH).keys()].sort());
});

test("a translation keeps the placeholders and is not empty", () => {
  const french = leaves(FRENCH);
  for (const [path, text] of leaves(ENGLISH)) {
    expect(placeholders(french.get(path) ?? ""), path).toEqual(placeholders(text));
    expect(french.get(path)?.trim(), path).not.toBe("");
  }
});
