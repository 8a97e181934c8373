import i18next from "i18next";
import { expect, test } from "vitest";
import { formatDay } from "@/ui/format";
import { chooseLanguage, firstKnown, i18nReady, languageOfWords, varietyOf } from ".";

const DAY = new Date("2026-11-22T12:00:00Z");

test("the country of a known language stays, for dates and numbers", () => {
  expect(firstKnown(["en-GB", "en"])).toBe("en-GB");
  expect(firstKnown(["de-DE", "fr-CH", "en"])).toBe("fr-CH");
  expect(firstKnown(["de-DE"])).toBe("en");
  expect(formatDay(DAY, firstKnown(["en-GB"]))).toBe("22 Nov 2026");
  expect(formatDay(DAY, firstKnown(["en-US"]))).toBe("Nov 22, 2026");
});

test("a chosen language has the country its speakers' browser has", () => {
  expect(varietyOf("en", ["fr-FR", "en-GB"])).toBe("en-GB");
  expect(varietyOf("fr", ["en-GB"])).toBe("fr");
});

test("words are those of the language, whatever the country", async () => {
  await i18nReady;
  await i18next.changeLanguage("en-GB");
  expect(languageOfWords()).toBe("en");
  expect(i18next.t("signup.submit")).not.toBe("signup.submit");
  await chooseLanguage("fr");
  expect(languageOfWords()).toBe("fr");
  expect(i18next.t("signup.submit")).not.toBe("signup.submit");
  await chooseLanguage("en");
});
