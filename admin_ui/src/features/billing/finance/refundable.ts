import { api } from "@/api/client";
import type { TopUp } from "../billing";
import type { Purchase } from "./finance";

const LATEST_MAX = 100;

/** A payment whose unspent credits may go back. Money is null where a clerk says how much it was. */
export type Refundable = {
  id: `purchase:${string}` | `top_up:${string}`;
  kind: "purchase" | "top_up";
  name: string;
  at: string;
  credits: number;
  refunded: number;
  grossMinor: number | null;
  refundedMinor: number;
  currency: string | null;
};

export function refundablesOf(
  purchases: readonly Purchase[],
  topUps: readonly TopUp[],
): Refundable[] {
  const bought = purchases.flatMap((row): Refundable[] =>
    row.state === "paid" && row.refunded_credits < row.credits
      ? [
          {
            id: `purchase:${row.id}`,
            kind: "purchase",
            name: "Stripe",
            at: row.paid_at ?? row.created_at,
            credits: row.credits,
            refunded: row.refunded_credits,
            grossMinor: row.gross_minor,
            refundedMinor: row.refunded_minor,
            currency: row.currency,
          },
        ]
      : [],
  );
  const entered = topUps.flatMap((row): Refundable[] =>
    row.state === "credited"
      ? [
          {
            id: `top_up:${row.id}`,
            kind: "top_up",
            name: row.reference,
            at: row.approved_at ?? row.created_at,
            credits: row.amount_credits,
            refunded: 0,
            grossMinor: null,
            refundedMinor: 0,
            currency: null,
          },
        ]
      : [],
  );
  return [...bought, ...entered].sort((one, other) => other.at.localeCompare(one.at));
}

/** The most the lists know of; what was spent of it the ledger says when it is asked. */
export function leftOf({ credits, refunded }: Refundable): number {
  return credits - refunded;
}

/**
 * As the server shares the money of a purchase (share_minor): cumulated and rounded down, so that
 * parts add up to the whole.
 */
export function shareMinor(of: Refundable, credits: number): number | null {
  if (of.grossMinor === null || credits > leftOf(of)) return null;
  return Math.floor((of.grossMinor * (of.refunded + credits)) / of.credits) - of.refundedMinor;
}

/** What is unspent of a payment: by its line in the ledger, and the lot which that line opened. */
export function useUnspent(tenantId: string, reference: string | undefined): number | undefined {
  const path = { tenant_id: tenantId };
  const lines = api.useQuery(
    "get",
    "/v1/tenants/{tenant_id}/ledger",
    { params: { path, query: { kind: "topped_up", limit: LATEST_MAX } } },
    { enabled: reference !== undefined },
  );
  const line = lines.data?.items.find((one) => one.reference === reference);
  const transfer = api.useQuery(
    "get",
    "/v1/tenants/{tenant_id}/ledger/transfers/{transfer_id}",
    { params: { path: { ...path, transfer_id: line?.transfer_id ?? "" } } },
    { enabled: line !== undefined },
  );
  const [part] = transfer.data?.parts ?? [];
  const lot = api.useQuery(
    "get",
    "/v1/tenants/{tenant_id}/ledger/lots/{lot_id}",
    { params: { path: { ...path, lot_id: part?.lot_id ?? "" } } },
    { enabled: part !== undefined },
  );
  return lot.data?.lot.available;
}

export function useRefundables(tenantId: string): Refundable[] | undefined {
  const params = { path: { tenant_id: tenantId }, query: { limit: LATEST_MAX } };
  const purchases = api.useQuery("get", "/v1/tenants/{tenant_id}/purchases", { params });
  const topUps = api.useQuery("get", "/v1/tenants/{tenant_id}/top-ups", { params });
  if (purchases.data === undefined || topUps.data === undefined) return undefined;
  return refundablesOf(purchases.data.items, topUps.data.items);
}
