import type { components } from "@/api/schema";
import type { BillingProfile } from "./billing";

type Body = components["schemas"]["BillingProfileUpdate"];

export type ProfileFields = {
  company_name: string;
  address: string;
  postal_code: string;
  city: string;
  country: string | null;
  vat_id: string;
  email: string;
  currency: string;
  purchase_reference: string;
};

export const EMPTY_PROFILE: ProfileFields = {
  company_name: "",
  address: "",
  postal_code: "",
  city: "",
  country: null,
  vat_id: "",
  email: "",
  currency: "EUR",
  purchase_reference: "",
};

export function profileFields(profile: BillingProfile): ProfileFields {
  return {
    company_name: profile.company_name,
    address: profile.address_lines.join("\n"),
    postal_code: profile.postal_code,
    city: profile.city,
    country: profile.country,
    vat_id: profile.vat_id ?? "",
    email: profile.email,
    currency: profile.currency,
    purchase_reference: profile.purchase_reference,
  };
}

/** `version`: the one that was read, so that two tabs do not overwrite each other. */
export function bodyOf(fields: ProfileFields, version: number): Body {
  const lines = fields.address.split("\n").map((line) => line.trim());
  return {
    version,
    company_name: fields.company_name.trim(),
    address_lines: lines.filter((line) => line !== ""),
    postal_code: fields.postal_code.trim(),
    city: fields.city.trim(),
    country: fields.country ?? "",
    vat_id: sameVatId(fields.vat_id) === "" ? null : fields.vat_id.trim(),
    email: fields.email.trim(),
    currency: fields.currency,
    purchase_reference: fields.purchase_reference.trim(),
  };
}

/** Spaces and points are how people group the digits. */
export function sameVatId(typed: string): string {
  return typed.replaceAll(/[\s.-]/g, "").toUpperCase();
}
