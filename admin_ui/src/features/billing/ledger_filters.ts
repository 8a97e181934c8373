import { oneOfAccounts, type ShownAccount } from "./billing";

/** Kinds a person looks for, in the order of a life of a credit; the API knows the same names. */
export const KINDS = [
  "topped_up",
  "granted",
  "held",
  "captured",
  "released",
  "returned",
  "refunded",
  "restored",
  "expired",
  "adjusted",
  "frozen",
  "thawed",
  "reversed",
  "settled",
] as const;
export type Kind = (typeof KINDS)[number];

/** As they stand in the address: days of the reader's calendar, not instants. */
export type LedgerFilters = {
  account?: ShownAccount;
  kind?: Kind;
  session?: string;
  from?: string;
  to?: string;
};

const DAY = /^\d{4}-\d{2}-\d{2}$/;

export function dayOf(given: unknown): string | undefined {
  if (typeof given !== "string" || !DAY.test(given)) return undefined;
  return Number.isNaN(new Date(`${given}T00:00`).getTime()) ? undefined : given;
}

export function filtersOf(given: Record<string, unknown>): LedgerFilters {
  const { account, kind, session, from, to } = given;
  return {
    account: oneOfAccounts(account),
    kind: KINDS.find((one) => one === kind),
    session: typeof session === "string" && session !== "" ? session : undefined,
    from: dayOf(from),
    to: dayOf(to),
  };
}

/** Both days whole, in the reader's zone: the API includes both ends. */
export function ledgerQuery(filters: LedgerFilters) {
  const { account = "available", kind, session, from, to } = filters;
  return {
    account,
    kind,
    session_id: session,
    from: from === undefined ? undefined : new Date(`${from}T00:00:00.000`).toISOString(),
    to: to === undefined ? undefined : new Date(`${to}T23:59:59.999`).toISOString(),
  };
}

export function csvAddress(filters: LedgerFilters): string {
  const asked = Object.entries(ledgerQuery(filters)).filter(
    (pair): pair is [string, string] => pair[1] !== undefined,
  );
  return `/v1/ledger.csv?${new URLSearchParams(asked)}`;
}

export function isFiltered({ kind, session, from, to }: LedgerFilters): boolean {
  return [kind, session, from, to].some((one) => one !== undefined);
}
