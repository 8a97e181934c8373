import i18next, { type BackendModule, type ReadCallback } from "i18next";
import { initReactI18next } from "react-i18next";
import en from "./en.json";
import type targeting from "./targeting.en.json";

export const LANGUAGES = ["en", "fr"] as const;
export type Language = (typeof LANGUAGES)[number];

const STORAGE_KEY = "clearsend.language";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "app";
    resources: { app: typeof en; targeting: typeof targeting };
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

const LOADERS: Record<string, () => Promise<{ default: object }>> = {
  "fr/app": () => import("./fr.json"),
  "en/targeting": () => import("./targeting.en.json"),
  "fr/targeting": () => import("./targeting.fr.json"),
};

// English comes with the entry, as it is the fallback; every other catalogue is its own chunk, and
// so are the words of what few pages show.
const catalogues: BackendModule = {
  type: "backend",
  init: () => undefined,
  read: (language: string, namespace: string, done: ReadCallback) => {
    const load = LOADERS[`${language}/${namespace}`];
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
    resources: { en: { app: en } },
    partialBundledLanguages: true,
    interpolation: { escapeValue: false },
    react: { useSuspense: true },
  })
  .then(() => {
    document.documentElement.lang = i18next.language;
  });

export async function chooseLanguage(language: Language): Promise<void> {
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
  try {
    localStorage.setItem(STORAGE_KEY, language);
  } catch {
    // The choice then lasts for this visit.
  }
}
