/** As a filter offers them; the API knows the same names. */
export const DOCUMENT_KINDS = ["invoice", "monthly_invoice", "receipt", "credit_note"] as const;
export type DocumentKind = (typeof DOCUMENT_KINDS)[number];
