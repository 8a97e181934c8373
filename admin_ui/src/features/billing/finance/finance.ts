import { useQueries } from "@tanstack/react-query";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { useSession } from "@/api/session";

type Schemas = components["schemas"];
export type Correction = Schemas["CorrectionView"];
export type Refund = Schemas["RefundView"];
export type Purchase = Schemas["PurchaseView"];
export type Dispute = Schemas["DisputeView"];
export type PaymentProblem = Schemas["PaymentProblemView"];
export type Tariff = Schemas["TariffView"];
export type PriceProposal = Schemas["PriceProposalView"];
export type ProofFile = Schemas["ProofFileView"];
export type Standing = Schemas["TenantStanding"];
export type Hit = Schemas["finance_schemas_desk_Hit"];
export type ToDo = Schemas["ToDo"];
export type BankLine = Schemas["BankLineView"];
export type BankFile = Schemas["BankFileView"];
export type ClosedDay = Schemas["ClosedDay"];
export type Reconciliation = Schemas["ReconciliationView"];
export type Document = Schemas["DocumentRow"];
export type LegalEntity = Schemas["LegalEntityView"];

/** backend/billing/*_states.py; for the sentence that prepares a clerk, the server decides. */
export const SINGLE_CLERK_CREDITS_MAX = 50_000;
export const SINGLE_CLERK_LINE_CREDITS_MAX = 10_000;
export const WAITING_POLL_MS = 15_000;

/** Whether it was me: a second person is another one. */
export function useIsMine(): (actor: string) => boolean {
  const me = useSession()?.account.id;
  return (actor) => me !== undefined && actor.endsWith(me);
}

export function useTenantNames(
  rows: readonly { tenant_id: string | null }[],
): ReadonlyMap<string, string> {
  const ids = [...new Set(rows.flatMap((row) => row.tenant_id ?? []))];
  return useQueries({
    queries: ids.map((tenant_id) =>
      api.queryOptions("get", "/v1/tenants/{tenant_id}", { params: { path: { tenant_id } } }),
    ),
    combine: namesOf,
  });
}

function namesOf(results: { data?: { id: string; name: string } }[]): ReadonlyMap<string, string> {
  return new Map(results.flatMap(({ data }) => (data ? [[data.id, data.name] as const] : [])));
}
