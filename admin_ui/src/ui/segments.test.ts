import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { countSegments, toGsm7 } from "./segments";

type Vector = { text: string; encoding: string; units: number; segments: number };

const SHARED_VECTORS = "../tests/sms/segment_vectors.json";

describe("local segment counter", () => {
  test.each([
    ["", "gsm7", 0, 0],
    ["a".repeat(160), "gsm7", 1, 160],
    ["a".repeat(161), "gsm7", 2, 161],
    ["a".repeat(306), "gsm7", 2, 306],
    ["a".repeat(307), "gsm7", 3, 307],
    ["€".repeat(80), "gsm7", 1, 160],
    ["’".repeat(70), "ucs2", 1, 70],
    ["’".repeat(71), "ucs2", 2, 71],
    ["’".repeat(135), "ucs2", 3, 135],
    ["🎁".repeat(35), "ucs2", 1, 70],
  ] as const)("%# %s", (text, encoding, segments, units) => {
    expect(countSegments(text)).toMatchObject({ encoding, segments, units });
  });

  test("an extension character never straddles two parts", () => {
    const text = `${"a".repeat(152)}€${"a".repeat(152)}`;
    expect(countSegments(text)).toMatchObject({ units: 306, segments: 3 });
  });

  test("a surrogate pair never straddles two parts", () => {
    const text = `${"a".repeat(66)}🎁${"a".repeat(66)}`;
    expect(countSegments(text)).toMatchObject({ units: 134, segments: 3 });
  });

  test("names what forces UCS-2 and what would replace it", () => {
    const { offenders } = countSegments("Hi 🎁 you’re in");
    expect(offenders).toEqual([
      { character: "🎁", at: 3, replacement: null },
      { character: "’", at: 9, replacement: "'" },
    ]);
    expect(toGsm7("you’re in…")).toBe("you're in...");
  });

  test.runIf(existsSync(SHARED_VECTORS))("agrees with the vectors the API is tested with", () => {
    const vectors: Vector[] = JSON.parse(readFileSync(SHARED_VECTORS, "utf8"));
    expect(vectors.length).toBeGreaterThan(0);
    for (const { text, encoding, units, segments } of vectors) {
      expect(countSegments(text), JSON.stringify(text)).toMatchObject({
        encoding,
        units,
        segments,
      });
    }
  });
});
