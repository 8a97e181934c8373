import type { components } from "@/api/schema";

/** What the addresses of the finance desk may say; apart from the pages, since the router reads it. */
export const TENANT_TABS = [
  "ledger",
  "lots",
  "top_ups",
  "purchases",
  "documents",
  "terms",
] as const;
export type TenantTab = (typeof TENANT_TABS)[number];

export const PAYMENT_TABS = ["disputes", "problems"] as const;
export type PaymentTab = (typeof PAYMENT_TABS)[number];

export const DAY_TABS = ["days", "reconciliation"] as const;
export type DayTab = (typeof DAY_TABS)[number];

export const PRICE_TABS = ["tariffs", "lists"] as const;
export type PriceTab = (typeof PRICE_TABS)[number];

export const DOCUMENT_TABS = ["documents", "sellers"] as const;
export type DocumentTab = (typeof DOCUMENT_TABS)[number];

export const REPORTS = ["sales", "consumption", "liability", "expiry", "tenants"] as const;
export type ReportTab = (typeof REPORTS)[number];

export const RANGES = ["7", "30", "90", "365"] as const;
export type RangeDays = (typeof RANGES)[number];

export const KINDS = [
  "topped_up",
  "granted",
  "held",
  "captured",
  "released",
  "returned",
  "refunded",
  "adjusted",
  "expired",
  "frozen",
  "thawed",
  "reversed",
  "restored",
  "settled",
] as const satisfies readonly components["schemas"]["TransferKind"][];
export type ShownKind = (typeof KINDS)[number];
