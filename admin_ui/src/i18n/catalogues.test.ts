import { expect, test } from "vitest";
import { AREAS, LANGUAGES } from ".";

type Tree = { [key: string]: string | Tree };

const FILES = import.meta.glob<{ default: Tree }>("./*.json", { eager: true });
const NAMES = Object.keys(FILES).flatMap((path) =>
  path === "./en.json" ? ["app"] : (/^\.\/(\w+)\.en\.json$/.exec(path)?.[1] ?? []),
);

function tree(name: string, language: string): Tree {
  const path = name === "app" ? `./${language}.json` : `./${name}.${language}.json`;
  const found = FILES[path];
  if (found === undefined) throw new Error(`${path} is missing`);
  return found.default;
}

function leaves(given: Tree, prefix = ""): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(given)) {
    if (typeof value === "string") found.set(prefix + key, value);
    else for (const [path, text] of leaves(value, `${prefix + key}.`)) found.set(path, text);
  }
  return found;
}

function placeholders(text: string): string[] {
  return [...text.matchAll(/\{\{\s*(\w+)/g)].map((match) => match[1] ?? "").sort();
}

test("every catalogue is there in every language, and none beside them", () => {
  expect(Object.keys(FILES)).toHaveLength(NAMES.length * LANGUAGES.length);
  expect(NAMES).toEqual(expect.arrayContaining(["app", "desks", "finance", ...AREAS]));
});

test.each(NAMES)("both catalogues of %s have the same keys", (name) => {
  const french = [...leaves(tree(name, "fr")).keys()].sort();
  expect(french).toEqual([...leaves(tree(name, "en")).keys()].sort());
});

test.each(NAMES)("a translation of %s keeps the placeholders and is not empty", (name) => {
  const french = leaves(tree(name, "fr"));
  for (const [path, text] of leaves(tree(name, "en"))) {
    expect(placeholders(french.get(path) ?? ""), path).toEqual(placeholders(text));
    expect(french.get(path)?.trim(), path).not.toBe("");
  }
});

test("no word stands in two of the catalogues that are looked up as one", () => {
  const seen = new Map<string, string>();
  for (const name of ["app", "desks", ...AREAS])
    for (const path of leaves(tree(name, "en")).keys()) {
      expect(seen.get(path), `${path} of ${name}`).toBeUndefined();
      seen.set(path, name);
    }
});

test.each(LANGUAGES)("one state has one word wherever it is said, in %s", (language) => {
  const said = (name: string, path: string) => leaves(tree(name, language)).get(path);
  const state = said("desks", "session_state.awaiting_validation");
  expect(said("campaigns", "campaigns.view.review")).toBe(state);
  expect(said("templates", "approval_state.awaiting_approval")).toBe(state);
  expect(said("sessions", "session.notice.awaiting_validation")).toBe(`${state}.`);
});

const WORKING_WITH: Record<string, readonly string[]> = {
  "features/campaigns": ["campaigns", "sessions"],
  "features/delivery": ["campaigns", "sessions"],
  "features/templates": ["templates", "campaigns"],
  "features/audience": ["audience"],
  "features/moderation": ["queue"],
  "features/identity": ["company"],
  "features/billing": ["matching", "books", "offers", "payments", "reload"],
};
const SOURCES = import.meta.glob<string>(["../**/*.tsx", "../**/*.ts", "!../**/*.test.*"], {
  query: "?raw",
  import: "default",
  eager: true,
});

test("a page says only what its own area has loaded", () => {
  const owners = new Map<string, string>();
  for (const area of AREAS)
    for (const path of leaves(tree(area, "en")).keys()) owners.set(path, area);
  const strangers: string[] = [];
  for (const [file, source] of Object.entries(SOURCES)) {
    const folder = file.replace("../", "").split("/").slice(0, 2).join("/");
    // Words of another namespace may have the same path: only what the default one looks up.
    if (!/useTranslation\(\)|i18next\.t\(|i18n\.t\(/.test(source)) continue;
    for (const [, path = ""] of source.matchAll(/\bt\(\s*"([a-z_.]+)"/g)) {
      const area = owners.get(path);
      if (area !== undefined && !(WORKING_WITH[folder] ?? []).includes(area))
        strangers.push(`${file} says ${path} of ${area}`);
    }
  }
  expect(strangers).toEqual([]);
});
