import type { Attribute, Subscriber } from "./audience";

/** What the fields hold: text everywhere, since an empty field is a value not given. */
export type SubscriberFields = {
  phone: string;
  default_country: string | null;
  name: string;
  email: string;
  external_id: string;
  language: string;
  time_zone: string | null;
  attributes: Record<string, string>;
  consent_source: string;
  consent_text: string;
  group_ids: string[];
};

export const EMPTY_FIELDS: SubscriberFields = {
  phone: "",
  default_country: null,
  name: "",
  email: "",
  external_id: "",
  language: "",
  time_zone: null,
  attributes: {},
  consent_source: "",
  consent_text: "",
  group_ids: [],
};

export function fieldsOf(subscriber: Subscriber): SubscriberFields {
  return {
    ...EMPTY_FIELDS,
    name: subscriber.name ?? "",
    email: subscriber.email ?? "",
    external_id: subscriber.external_id ?? "",
    language: subscriber.language ?? "",
    time_zone: subscriber.time_zone,
    attributes: Object.fromEntries(
      Object.entries(subscriber.attributes).map(([name, value]) => [name, String(value ?? "")]),
    ),
  };
}

const orNull = (text: string) => text.trim() || null;

export function consentOf(fields: SubscriberFields) {
  const source = fields.consent_source.trim();
  return source === "" ? undefined : { source, text: fields.consent_text.trim() };
}

/** `null` clears, and clears nothing where nothing stood. */
export function personOf(fields: SubscriberFields) {
  return {
    name: orNull(fields.name),
    email: orNull(fields.email),
    external_id: orNull(fields.external_id),
    language: orNull(fields.language),
    time_zone: fields.time_zone,
  };
}

function typedValue(text: string, kind: Attribute["kind"]): string | number | boolean | null {
  const trimmed = text.trim();
  if (trimmed === "") return null;
  if (kind === "boolean") return trimmed === "true";
  // What is no number goes as it is, and the server says so at the field.
  if (kind === "number" && Number.isFinite(Number(trimmed))) return Number(trimmed);
  return trimmed;
}

/** Only what changed: attributes are merged by the server, and others may edit beside us. */
export function attributesOf(
  fields: SubscriberFields,
  before: SubscriberFields,
  attributes: readonly Attribute[],
): Record<string, string | number | boolean | null> {
  return Object.fromEntries(
    attributes
      .filter(({ name }) => (fields.attributes[name] ?? "") !== (before.attributes[name] ?? ""))
      .map(({ name, kind }) => [name, typedValue(fields.attributes[name] ?? "", kind)]),
  );
}
