import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const AA_TEXT_CONTRAST = 4.5;

type Tokens = Record<string, string>;

function tokensOf(css: string, scheme: "light" | "dark"): Tokens {
  const start = css.indexOf(`[data-mantine-color-scheme="${scheme}"]`);
  const block = css.slice(start, css.indexOf("}", start));
  return Object.fromEntries(
    [...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map((m) => [m[1], m[2]]),
  );
}

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

const css = readFileSync("src/theme/tokens.css", "utf8");
const light = tokensOf(css, "light");
const schemes = { light, dark: { ...light, ...tokensOf(css, "dark") } };

const pairs: [string, string][] = [
  ...["page", "card", "sunk"].flatMap((surface) =>
    ["ink", "ink2", "ink3", "accent", "ok", "warn", "bad", "info"].map((ink): [string, string] => [
      ink,
      surface,
    ]),
  ),
  ...["accent", "ok", "warn", "bad", "info"].map((hue): [string, string] => [hue, `${hue}-soft`]),
  ...["ink", "ink2", "ink3"].map((ink): [string, string] => [ink, "accent-soft"]),
  ["on-fill", "accent-fill"],
  ["on-fill", "accent-hover"],
  ["on-fill", "ok-button"],
  ["on-fill", "bad-button"],
  ["ink", "bubble"],
  ["ink2", "bubble"],
  ["ink", "bubble-mine"],
];

describe.each(Object.entries(schemes))("%s scheme", (_name, tokens) => {
  test.each(pairs)("%s on %s passes AA", (ink, surface) => {
    const ratio = contrast(tokens[ink] ?? "", tokens[surface] ?? "");
    expect(ratio).toBeGreaterThanOrEqual(AA_TEXT_CONTRAST);
  });
});
