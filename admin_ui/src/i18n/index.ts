import i18next, { type BackendModule, type ReadCallback } from "i18next";
import { initReactI18next } from "react-i18next";
import type billing from "./billing.en.json";
import type desks from "./desks.en.json";
import en from "./en.json";
import type factor from "./factor.en.json";
import type finance from "./finance.en.json";
import type gateways from "./gateways.en.json";
import type lead from "./lead.en.json";
import type matters from "./matters.en.json";
import type moderation from "./moderation.en.json";
import type notices from "./notices.en.json";
import type numbers from "./numbers.en.json";
import type review from "./review.en.json";
import type rules from "./rules.en.json";
import type schedule from "./schedule.en.json";
import type sending from "./sending.en.json";
import type targeting from "./targeting.en.json";
import type trust from "./trust.en.json";

export const LANGUAGES = ["en", "fr"] as const;
export type Language = (typeof LANGUAGES)[number];

const STORAGE_KEY = "clearsend.language";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "app";
    resources: {
      // What `app` has not, `desks` says.
      app: typeof en & typeof desks;
      billing: typeof billing;
      factor: typeof factor;
      finance: typeof finance;
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

function chosenLanguage(): Language {
  let stored: string | null = null;
  try {
    stored = localStorage.getItem(STORAGE_KEY);
  } catch {
    // Storage may be refused; the browser's language is used then.
  }
  const wanted = stored ?? navigator.language.slice(0, 2);
  return LANGUAGES.find((language) => language === wanted) ?? "en";
}

const CHUNKS: Record<string, () => Promise<{ default: object }>> = {
  "fr/app": () => import("./fr.json"),
  "en/billing": () => import("./billing.en.json"),
  "fr/billing": () => import("./billing.fr.json"),
  "en/desks": () => import("./desks.en.json"),
  "fr/desks": () => import("./desks.fr.json"),
  "en/factor": () => import("./factor.en.json"),
  "fr/factor": () => import("./factor.fr.json"),
  "en/finance": () => import("./finance.en.json"),
  "fr/finance": () => import("./finance.fr.json"),
  "en/gateways": () => import("./gateways.en.json"),
  "fr/gateways": () => import("./gateways.fr.json"),
  "en/lead": () => import("./lead.en.json"),
  "fr/lead": () => import("./lead.fr.json"),
  "en/matters": () => import("./matters.en.json"),
  "fr/matters": () => import("./matters.fr.json"),
  "en/moderation": () => import("./moderation.en.json"),
  "fr/moderation": () => import("./moderation.fr.json"),
  "en/notices": () => import("./notices.en.json"),
  "fr/notices": () => import("./notices.fr.json"),
  "en/numbers": () => import("./numbers.en.json"),
  "fr/numbers": () => import("./numbers.fr.json"),
  "en/review": () => import("./review.en.json"),
  "fr/review": () => import("./review.fr.json"),
  "en/rules": () => import("./rules.en.json"),
  "fr/rules": () => import("./rules.fr.json"),
  "en/schedule": () => import("./schedule.en.json"),
  "fr/schedule": () => import("./schedule.fr.json"),
  "en/sending": () => import("./sending.en.json"),
  "fr/sending": () => import("./sending.fr.json"),
  "en/trust": () => import("./trust.en.json"),
  "fr/trust": () => import("./trust.fr.json"),
  "en/targeting": () => import("./targeting.en.json"),
  "fr/targeting": () => import("./targeting.fr.json"),
};

// A visitor's English comes with the entry, as it is the fallback; every other catalogue is its own
// chunk. The words of the desks come with the first of them, what only some pages say with those.
const catalogues: BackendModule = {
  type: "backend",
  init: () => undefined,
  read: (language: string, namespace: string, done: ReadCallback) => {
    const load = CHUNKS[`${language}/${namespace}`];
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
    lng: chosenLanguage(),
    fallbackLng: "en",
    ns: ["app"],
    defaultNS: "app",
    fallbackNS: "desks",
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

export async function chooseLanguage(language: Language): Promise<void> {
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
  try {
    localStorage.setItem(STORAGE_KEY, language);
  } catch {
    // The choice then lasts for this visit.
  }
}
