import i18next, { type BackendModule, type ReadCallback } from "i18next";
import { initReactI18next } from "react-i18next";
import type audience from "./audience.en.json";
import type billing from "./billing.en.json";
import type books from "./books.en.json";
import type campaigns from "./campaigns.en.json";
import type company from "./company.en.json";
import type desks from "./desks.en.json";
import en from "./en.json";
import type factor from "./factor.en.json";
import type finance from "./finance.en.json";
import type gateways from "./gateways.en.json";
import type lead from "./lead.en.json";
import type matching from "./matching.en.json";
import type matters from "./matters.en.json";
import type moderation from "./moderation.en.json";
import type notices from "./notices.en.json";
import type numbers from "./numbers.en.json";
import type offers from "./offers.en.json";
import type payments from "./payments.en.json";
import type queue from "./queue.en.json";
import type reload from "./reload.en.json";
import type review from "./review.en.json";
import type rules from "./rules.en.json";
import type schedule from "./schedule.en.json";
import type sending from "./sending.en.json";
import type sessions from "./sessions.en.json";
import type targeting from "./targeting.en.json";
import type templates from "./templates.en.json";
import type trust from "./trust.en.json";

export const LANGUAGES = ["en", "fr"] as const;
export type Language = (typeof LANGUAGES)[number];

const STORAGE_KEY = "clearsend.language";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "app";
    resources: {
      // What `app` has not, `desks` says, or the words of the area that stands open.
      app: typeof en &
        typeof desks &
        typeof campaigns &
        typeof sessions &
        typeof templates &
        typeof audience &
        typeof queue &
        typeof company;
      billing: typeof billing & typeof reload;
      factor: typeof factor;
      finance: typeof finance & typeof matching & typeof books & typeof offers & typeof payments;
      gateways: typeof gateways;
      lead: typeof lead;
      matters: typeof matters;
      moderation: typeof moderation;
      notices: typeof notices;
      numbers: typeof numbers;
      review: typeof review;
      rules: typeof rules;
      schedule: typeof schedule;
      sending: typeof sending;
      targeting: typeof targeting;
      trust: typeof trust;
    };
  }
}

/** Whose words a tag like `en-GB` asks for, where there are some. */
function languageOf(tag: string): Language | undefined {
  return LANGUAGES.find((language) => language === tag.split("-")[0]?.toLowerCase());
}

/** The browser's own variety of a language: its words are the language's, its dates its country's. */
export function varietyOf(language: Language, wanted: readonly string[]): string {
  return wanted.find((tag) => languageOf(tag) === language) ?? language;
}

/** The first of a browser's languages that has words here, with its country. */
export function firstKnown(wanted: readonly string[]): string {
  return wanted.find((tag) => languageOf(tag) !== undefined) ?? "en";
}

/** The language of the words on the page; `i18n.language` is its variety, for Intl. */
export function languageOfWords(): Language {
  return languageOf(i18next.language) ?? "en";
}

function chosenVariety(): string {
  let stored: string | null = null;
  try {
    stored = localStorage.getItem(STORAGE_KEY);
  } catch {
    // Storage may be refused; the browser's language is used then.
  }
  const chosen = LANGUAGES.find((language) => language === stored);
  return chosen === undefined
    ? firstKnown(navigator.languages)
    : varietyOf(chosen, navigator.languages);
}

/** Words of single areas of the desks, each loaded by the routes of its pages. */
export const AREAS = [
  "campaigns",
  "sessions",
  "templates",
  "audience",
  "queue",
  "company",
  "matching",
  "books",
  "offers",
  "payments",
  "reload",
] as const;
export type Area = (typeof AREAS)[number];

const CHUNKS = import.meta.glob<{ default: object }>(["./*.*.json", "./fr.json"]);

function chunkOf(language: string, namespace: string) {
  return CHUNKS[namespace === "app" ? `./${language}.json` : `./${namespace}.${language}.json`];
}

// A visitor's English comes with the entry, as it is the fallback; every other catalogue is its own
// chunk. The words of the desks come with the first of them, what only some pages say with those.
const catalogues: BackendModule = {
  type: "backend",
  init: () => undefined,
  read: (language: string, namespace: string, done: ReadCallback) => {
    const load = chunkOf(language, namespace);
    if (load === undefined) return done(null, {});
    load().then(
      (catalogue) => done(null, catalogue.default as Record<string, object>),
      (error: Error) => done(error, false),
    );
    return undefined;
  },
};

export const i18nReady = i18next
  .use(catalogues)
  .use(initReactI18next)
  .init({
    lng: chosenVariety(),
    load: "languageOnly",
    fallbackLng: "en",
    ns: ["app"],
    defaultNS: "app",
    fallbackNS: ["desks", ...AREAS],
    resources: { en: { app: en } },
    partialBundledLanguages: true,
    interpolation: { escapeValue: false },
    react: { useSuspense: true },
  })
  .then(() => {
    document.documentElement.lang = i18next.language;
  });

/** Before anything behind a login is drawn. */
export function loadDeskWords(): Promise<void> {
  return i18next.loadNamespaces("desks");
}

/** Before a page of the area is drawn. */
export function loadAreas(...areas: Area[]): Promise<void> {
  return i18next.loadNamespaces(areas);
}

export async function chooseLanguage(language: Language): Promise<void> {
  await i18next.changeLanguage(varietyOf(language, navigator.languages));
  document.documentElement.lang = i18next.language;
  try {
    localStorage.setItem(STORAGE_KEY, language);
  } catch {
    // The choice then lasts for this visit.
  }
}
