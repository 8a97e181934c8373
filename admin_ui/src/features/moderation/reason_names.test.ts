import { readFileSync } from "node:fs";
import i18next from "i18next";
import { beforeAll, expect, test } from "vitest";
import { reasonName } from "./reason_names";

const CONDUCT: { reasons: { code: string; title: string }[] } = JSON.parse(
  readFileSync("../backend/moderation/code_of_conduct.json", "utf8"),
);

beforeAll(async () => {
  await i18next.loadNamespaces("moderation");
  await i18next.loadLanguages("fr");
});

test.each(CONDUCT.reasons)("$code is said as the Code of Conduct says it", ({ code, title }) => {
  expect(reasonName(code, CONDUCT.reasons, i18next)).toBe(title);
  expect(reasonName(code, [], i18next)).toBe(title);
});

test("in another language it is said in that language", () => {
  const french = i18next.cloneInstance({ lng: "fr" });
  expect(reasonName("unsafe_link", CONDUCT.reasons, french)).toBe("Lien peu sûr");
});

test("a lead's own words are shown, and a code nobody titled reads as words", () => {
  const own = [{ code: "unsafe_link", title: "Dangerous link" }];
  expect(reasonName("unsafe_link", own, i18next)).toBe("Dangerous link");
  expect(reasonName("sent_by_night", [], i18next)).toBe("Sent by night");
});
