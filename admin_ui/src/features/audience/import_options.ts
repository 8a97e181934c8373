import type { ImportOptions, ImportView } from "@/api/imports";
import type { Attribute } from "./audience";

export type Delimiter = NonNullable<ImportOptions["delimiter"]>;
export type Encoding = NonNullable<ImportOptions["encoding"]>;

/** What the form holds; a group is either chosen or named anew. */
export type CheckFields = {
  mapping: Record<string, string>;
  default_country: string | null;
  group_id: string | null;
  new_group: string;
  duplicates: "first" | "last";
  encoding: Encoding | null;
  delimiter: Delimiter | null;
  consent_source: string;
  consent_text: string;
};

export const FIELD_TARGETS = [
  "phone",
  "name",
  "email",
  "external_id",
  "language",
  "time_zone",
  "consent_at",
] as const;
export const IGNORED = "ignore";
const ATTRIBUTE = "attribute:";

export function checkFieldsOf({ options, preview }: ImportView): CheckFields {
  const seen = preview?.columns.map(({ column, target }) => [column, target]) ?? [];
  return {
    mapping: options.mapping ?? Object.fromEntries(seen),
    default_country: options.default_country ?? null,
    group_id: options.group_id ?? null,
    new_group: "",
    duplicates: options.duplicates ?? "last",
    encoding: options.encoding ?? null,
    delimiter: options.delimiter ?? null,
    consent_source: options.consent_source ?? "",
    consent_text: options.consent_text ?? "",
  };
}

export function optionsOf(fields: CheckFields): ImportOptions {
  const named = fields.new_group.trim();
  return {
    ...fields,
    // Without columns (the file could not be read so far) they are guessed again.
    mapping: Object.keys(fields.mapping).length === 0 ? null : fields.mapping,
    group_id: named === "" ? fields.group_id : null,
    new_group: named || null,
    consent_source: fields.consent_source.trim() || null,
    consent_text: fields.consent_text.trim(),
  };
}

/** Whether the report still speaks of these options. */
export function isSame(one: CheckFields, other: CheckFields): boolean {
  const ordered = ({ mapping, ...rest }: CheckFields) =>
    JSON.stringify([Object.entries(mapping).sort(), Object.entries(rest).sort()]);
  return ordered(one) === ordered(other);
}

type Choice = { value: string; label: string };

/** Targets a column may have: attributes that exist, and one made from the column's own name. */
export function attributeChoices(
  column: string,
  current: string,
  attributes: readonly Attribute[],
  newLabel: (label: string) => string,
): Choice[] {
  const choices = attributes.map(({ label }) => ({ value: ATTRIBUTE + label, label }));
  const known = new Set(attributes.map(({ name }) => name));
  for (const target of [current, ATTRIBUTE + column]) {
    if (!target.startsWith(ATTRIBUTE)) continue;
    const label = target.slice(ATTRIBUTE.length);
    const name = label.trim().toLowerCase();
    if (name === "" || known.has(name)) continue;
    known.add(name);
    choices.push({ value: target, label: newLabel(label) });
  }
  return choices;
}

/** One spelling for a target, so that "attribute:city" finds the attribute "City". */
export function chosenTarget(target: string, choices: readonly Choice[]): string {
  const wanted = target.toLowerCase();
  return choices.find(({ value }) => value.toLowerCase() === wanted)?.value ?? target;
}
