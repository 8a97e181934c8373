import { expect, test } from "vitest";
import { levelsOf, type Notice, placeOf, shownFacts, toneOf } from "./notice_words";

const SESSION = "00000000-0000-7000-8000-000000000001";

function notice(kind: Notice["kind"], facts: Partial<Notice["facts"]> = {}): Notice {
  return {
    id: "n",
    kind,
    facts: { session_id: SESSION, ...facts },
    created_at: "2026-01-01T00:00:00Z",
    read_at: null,
  } as Notice;
}

test("a notice leads to where something can be done about it", () => {
  expect(placeOf(notice("missed"))).toBe(`/campaigns/${SESSION}`);
  expect(placeOf(notice("changes_requested"))).toBe(`/campaigns/${SESSION}/edit`);
  expect(placeOf(notice("awaiting_credits"))).toBe("/credits");
  expect(placeOf(notice("low_balance", { session_id: null }))).toBe("/credits");
  expect(placeOf(notice("failed", { session_id: null }))).toBe("/notices");
  expect(placeOf(notice("forecast_short"))).toBe("/credits");
  expect(placeOf(notice("pause_ending"))).toBe(`/campaigns/${SESSION}`);
});

test("numbers are written in the reader's language", () => {
  const facts = { missing: 12000, campaign: "Spring", reason: null };
  expect(shownFacts(notice("awaiting_credits", facts), "en")).toMatchObject({
    missing: "12,000",
    campaign: "Spring",
    reason: "",
  });
});

test("a moment is written in the reader's words", () => {
  const { at } = shownFacts(notice("pause_ending", { at: "2026-12-01T09:00:00Z" }), "en");
  expect(at).toContain("2026");
  expect(at).not.toContain("T09");
});

test("success is told apart from trouble", () => {
  expect(toneOf(notice("completed"))).toBe("ok");
  expect(toneOf(notice("failed"))).toBe("bad");
});

test("levels are whole, positive, once each, the highest first", () => {
  expect(levelsOf([100, "500", 100, 0, -3, "", 1.5])).toEqual([500, 100]);
  expect(levelsOf([])).toEqual([]);
});
