import type { components } from "@/api/schema";
import { useSession } from "@/api/session";

type Schemas = components["schemas"];
export type Balance = Schemas["BalanceView"];
export type StatementLine = Schemas["StatementLine"];
export type TopUp = Schemas["TopUpView"];
export type Tenant = Schemas["TenantView"];
export type Spending = Schemas["SpendingView"];
export type Package = Schemas["Package"];
export type Packages = Schemas["PackagesView"];
export type Price = Schemas["PurchasePrice"];
export type Purchase = Schemas["PurchaseView"];
export type PurchaseState = Purchase["state"];
export type DocumentRow = Schemas["DocumentRow"];
export type BillingProfile = Schemas["BillingProfileView"];
export type AutoReload = Schemas["AutoReloadView"];
export type Card = Schemas["CardView"];

export const ROWS_PER_PAGE = 50;
/** What a person asks after; the others are the ledger's own. */
export const SHOWN_ACCOUNTS = ["available", "held", "spent"] as const;
export type ShownAccount = (typeof SHOWN_ACCOUNTS)[number];

/** Members who may read the statement; a sender sees the balance only. */
export function useSeesLedger(): boolean {
  const role = useSession()?.member_role;
  return role === "owner" || role === "manager" || role === "billing";
}

/** Members who spend the tenant's money: buying, cards, documents, billing details. */
export function usePays(): boolean {
  const role = useSession()?.member_role;
  return role === "owner" || role === "billing";
}

export function oneOfAccounts(given: unknown): ShownAccount | undefined {
  return SHOWN_ACCOUNTS.find((one) => one === given);
}
