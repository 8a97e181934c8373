import type { Rule } from "./rule_writes";

type Kind = Rule["kind"];

/** As backend/moderation/rule_book.py: what a rule of a kind reads beside what every rule has. */
export const FIELDS_OF: Partial<Record<Kind, readonly (keyof Rule)[]>> = {
  words: ["words"],
  pattern: ["pattern"],
  link_form: ["forms"],
  shortener: ["hosts"],
  confusable_host: ["brands"],
  confusable_sender: ["brands"],
  brand_elsewhere: ["brands"],
  no_opt_out: ["words"],
  all_capitals: ["letters_min", "capitals_percent_max"],
  unusual_size: ["recipients_min", "times_max"],
  near_duplicate: ["similar_percent_min", "days_max"],
};

export const RULE_KINDS: readonly Kind[] = [
  "words",
  "pattern",
  "link_form",
  "shortener",
  "blocked_host",
  "confusable_host",
  "confusable_sender",
  "brand_elsewhere",
  "link_in_data",
  "new_host",
  "no_opt_out",
  "all_capitals",
  "empty_field",
  "unusual_size",
  "unusual_country",
  "too_many_hosts",
  "first_submission",
  "near_duplicate",
  "strikes",
];

export const RULE_CLASSES = [
  "sex",
  "hate",
  "alcohol",
  "firearms",
  "tobacco",
  "gambling",
  "cannabis",
  "fraud",
] as const;

export const LINK_FORMS = [
  "bad_scheme",
  "user",
  "address",
  "bare_address",
  "hidden_characters",
  "mixed_script",
  "punycode",
  "disguised",
] as const;

export type BrandText = { name: string; hosts: string[] };

/** "postnord: postnord.se, postnord.no", one brand a line: quicker to keep than a form for each. */
export function brandsOf(text: string): BrandText[] {
  return text
    .split("\n")
    .map((line) => {
      const [name = "", hosts = ""] = line.split(":");
      return { name: name.trim(), hosts: hosts.split(/[\s,]+/).filter((host) => host !== "") };
    })
    .filter(({ name }) => name !== "");
}

export function textOfBrands(brands: readonly { name: string; hosts?: string[] }[]): string {
  return brands
    .map(({ name, hosts = [] }) => (hosts.length === 0 ? name : `${name}: ${hosts.join(", ")}`))
    .join("\n");
}
