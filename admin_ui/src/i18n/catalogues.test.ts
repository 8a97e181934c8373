import { expect, test } from "vitest";
import billingEn from "./billing.en.json";
import billingFr from "./billing.fr.json";
import desksEn from "./desks.en.json";
import desksFr from "./desks.fr.json";
import en from "./en.json";
import factorEn from "./factor.en.json";
import factorFr from "./factor.fr.json";
import financeEn from "./finance.en.json";
import financeFr from "./finance.fr.json";
import fr from "./fr.json";
import gatewaysEn from "./gateways.en.json";
import gatewaysFr from "./gateways.fr.json";
import leadEn from "./lead.en.json";
import leadFr from "./lead.fr.json";
import moderationEn from "./moderation.en.json";
import moderationFr from "./moderation.fr.json";
import noticesEn from "./notices.en.json";
import noticesFr from "./notices.fr.json";
import numbersEn from "./numbers.en.json";
import numbersFr from "./numbers.fr.json";
import reviewEn from "./review.en.json";
import reviewFr from "./review.fr.json";
import rulesEn from "./rules.en.json";
import rulesFr from "./rules.fr.json";
import scheduleEn from "./schedule.en.json";
import scheduleFr from "./schedule.fr.json";
import sendingEn from "./sending.en.json";
import sendingFr from "./sending.fr.json";
import targetingEn from "./targeting.en.json";
import targetingFr from "./targeting.fr.json";
import trustEn from "./trust.en.json";
import trustFr from "./trust.fr.json";

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

const PAIRS: { name: string; english: Tree; french: Tree }[] = [
  { name: "app", english: en, french: fr },
  { name: "billing", english: billingEn, french: billingFr },
  { name: "desks", english: desksEn, french: desksFr },
  { name: "factor", english: factorEn, french: factorFr },
  { name: "finance", english: financeEn, french: financeFr },
  { name: "gateways", english: gatewaysEn, french: gatewaysFr },
  { name: "lead", english: leadEn, french: leadFr },
  { name: "moderation", english: moderationEn, french: moderationFr },
  { name: "notices", english: noticesEn, french: noticesFr },
  { name: "numbers", english: numbersEn, french: numbersFr },
  { name: "review", english: reviewEn, french: reviewFr },
  { name: "rules", english: rulesEn, french: rulesFr },
  { name: "schedule", english: scheduleEn, french: scheduleFr },
  { name: "sending", english: sendingEn, french: sendingFr },
  { name: "targeting", english: targetingEn, french: targetingFr },
  { name: "trust", english: trustEn, french: trustFr },
];

test.each(PAIRS)("both catalogues of $name have the same keys", ({ english, french }) => {
  expect([...leaves(french).keys()].sort()).toEqual([...leaves(english).keys()].sort());
});

test.each(PAIRS)("a translation of $name keeps the placeholders and is not empty", (pair) => {
  const french = leaves(pair.french);
  for (const [path, text] of leaves(pair.english)) {
    expect(placeholders(french.get(path) ?? ""), path).toEqual(placeholders(text));
    expect(french.get(path)?.trim(), path).not.toBe("");
  }
});

test("no word stands in two of the catalogues that are looked up as one", () => {
  expect(Object.keys(desksEn).filter((key) => key in en)).toEqual([]);
});
