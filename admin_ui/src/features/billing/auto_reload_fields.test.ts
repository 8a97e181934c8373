import { expect, test } from "vitest";
import { reloadBody, reloadErrors, reloadFields } from "./auto_reload_fields";
import type { AutoReload, Card } from "./billing";

const card = { id: "pm_1", is_expired: false } as Card;
const expired = { id: "pm_0", is_expired: true } as Card;

test("the first time something sensible stands there, with a card that still works", () => {
  expect(reloadFields(null, [expired, card])).toMatchObject({ is_on: true, card: "pm_1" });
  expect(reloadFields(null, []).card).toBeNull();
});

test("what was saved comes back as it was", () => {
  const setting = {
    state: "paused",
    threshold_credits: 500,
    amount_credits: null,
    target_credits: 9_000,
    monthly_cap_minor: 25_050,
    currency: "EUR",
    card,
  } as AutoReload;
  const fields = reloadFields(setting, [card]);
  expect(fields).toEqual({
    is_on: true,
    threshold: 500,
    aim: "target",
    credits: 9_000,
    cap: 250.5,
    card: "pm_1",
  });
  expect(reloadBody(fields, "EUR")).toEqual({
    is_on: true,
    threshold_credits: 500,
    amount_credits: null,
    target_credits: 9_000,
    monthly_cap_minor: 25_050,
    card_id: "pm_1",
  });
});

test("nothing is sent while a part is missing", () => {
  const fields = reloadFields(null, [card]);
  expect(reloadBody({ ...fields, card: null }, "EUR")).toBeNull();
  expect(reloadBody({ ...fields, cap: "" }, "EUR")).toBeNull();
  expect(reloadBody({ ...fields, threshold: "" }, "EUR")).toBeNull();
});

test("what the server names is shown at the field that was typed in", () => {
  expect(reloadErrors({ target_credits: "a", monthly_cap_minor: "b" })).toEqual({
    credits: "a",
    cap: "b",
  });
});
