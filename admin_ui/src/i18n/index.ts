import i18next, { type BackendModule, type ReadCallback } from "i18next";
import { initReactI18next } from "react-i18next";
import en from "./en.json";

export const LANGUAGES = ["en", "fr"] as const;
export type Language = (typeof LANGUAGES)[number];

const STORAGE_KEY = "clearsend.language";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "app";
    resources: { app: typeof en };
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

// English comes with the entry, as it is the fallback; every other catalogue is its own chunk.
const catalogues: BackendModule = {
  type: "backend",
  init: () => undefined,
  read: (language: string, _namespace: string, done: ReadCallback) => {
    if (language !== "fr") return done(null, {});
    import("./fr.json").then(
      (catalogue) => done(null, catalogue.default),
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
