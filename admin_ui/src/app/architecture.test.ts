import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const MOST_LINES_PER_FILE = 300;

const sources = globSync("src/**/*.{ts,tsx,css}")
  .filter((path) => !path.endsWith("schema.d.ts"))
  .map((path) => ({ path, text: readFileSync(path, "utf8") }));

test("no file is longer than can be read at once", () => {
  const long = sources.filter(({ text }) => text.split("\n").length > MOST_LINES_PER_FILE + 1);
  expect(long.map(({ path }) => path)).toEqual([]);
});

test("colours stand in the tokens and the theme's shades, nowhere else", () => {
  const literal = /#[0-9a-f]{6}\b|#[0-9a-f]{3}\b|\brgba?\(|\bhsla?\(/i;
  const found = sources.filter(
    ({ path, text }) =>
      !/src\/theme\/(tokens\.(css|test\.ts)|theme\.ts)$/.test(path) &&
      !path.endsWith("architecture.test.ts") &&
      literal.test(text),
  );
  expect(found.map(({ path }) => path)).toEqual([]);
});

test("every token that is used exists", () => {
  const tokens = readFileSync("src/theme/tokens.css", "utf8");
  const all = sources.map(({ text }) => text).join("\n");
  const declared = new Set([...all.matchAll(/(--[\w-]+)\s*:/g)].map((match) => match[1]));
  const used = [...all.matchAll(/var\((--[\w-]+)/g)].map((match) => match[1] ?? "");
  const unknown = used.filter((name) => !name.startsWith("--mantine-") && !declared.has(name));
  expect([...new Set(unknown)]).toEqual([]);
  expect(tokens).toContain("--ink");
});

test("only api/ talks to the server", () => {
  const calls = /\bfetch\(|new EventSource\(|XMLHttpRequest/;
  const found = sources.filter(
    ({ path, text }) =>
      !path.startsWith("src/api/") && !path.includes(".test.") && calls.test(text),
  );
  expect(found.map(({ path }) => path)).toEqual([]);
});

test("the lock names no download address", () => {
  expect(readFileSync("package-lock.json", "utf8")).not.toMatch(/"resolved"/);
});

test("index.html carries no inline script: the policy of the server forbids it", () => {
  const scripts = [...readFileSync("index.html", "utf8").matchAll(/<script[^>]*>([^<]*)/g)];
  expect(scripts.length).toBeGreaterThan(0);
  for (const [, body] of scripts) expect(body).toBe("");
});
