import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import {
  DAY_TABS,
  type DayTab,
  DOCUMENT_TABS,
  type DocumentTab,
  KINDS,
  PAYMENT_TABS,
  type PaymentTab,
  PRICE_TABS,
  type PriceTab,
  RANGES,
  type RangeDays,
  REPORTS,
  type ReportTab,
  type ShownKind,
  TENANT_TABS,
  type TenantTab,
} from "@/features/billing/finance/tabs";
import type { Area } from "@/i18n";
import { atDesk, oneOf, saying, text } from "./page_routes";
import type { shellRoute } from "./router";

type Given = Record<string, unknown>;
type Tabbed<Tab> = { tab?: Tab };

const ACCOUNTS = ["available", "held", "spent"] as const;
const LINE_STATES = ["unmatched", "matched", "ignored"] as const;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

type Statement = {
  tab?: TenantTab;
  account?: (typeof ACCOUNTS)[number];
  kind?: ShownKind;
  from?: string;
  to?: string;
  transfer?: string;
};

function day(given: unknown): string | undefined {
  return typeof given === "string" && DAY.test(given) ? given : undefined;
}

/** Money and credits of every tenant: finance's own desk. */
export function financeRoutes(shell: typeof shellRoute) {
  const getParentRoute = () => shell;
  const saidByAll = (...areas: Area[]) => saying(atDesk("finance"), "books", "payments", ...areas);
  const beforeLoad = saidByAll();
  return [
    createRoute({
      getParentRoute,
      path: "/finance",
      beforeLoad,
      validateSearch: ({ q, low }: Given): { q?: string; low?: "yes" } => ({
        q: text(q),
        low: oneOf(["yes"], low),
      }),
      component: lazyRouteComponent(
        () => import("@/features/billing/finance/finance_page"),
        "FinancePage",
      ),
    }),
    createRoute({
      getParentRoute,
      path: "/finance/tenants/$tenantId",
      beforeLoad: saidByAll("offers"),
      validateSearch: ({ tab, account, kind, from, to, transfer }: Given): Statement => ({
        tab: oneOf(TENANT_TABS, tab),
        account: oneOf(ACCOUNTS, account),
        kind: oneOf(KINDS, kind),
        from: day(from),
        to: day(to),
        transfer: text(transfer),
      }),
      component: lazyRouteComponent(
        () => import("@/features/billing/finance/tenant_money_page"),
        "TenantMoneyPage",
      ),
    }),
    createRoute({
      getParentRoute,
      path: "/finance/waiting",
      beforeLoad: saidByAll("offers"),
      component: lazyRouteComponent(
        () => import("@/features/billing/finance/waiting_page"),
        "WaitingPage",
      ),
    }),
    createRoute({
      getParentRoute,
      path: "/finance/matching",
      beforeLoad: saidByAll("matching"),
      validateSearch: ({ state }: Given): { state?: (typeof LINE_STATES)[number] } => ({
        state: oneOf(LINE_STATES, state),
      }),
      component: lazyRouteComponent(
        () => import("@/features/billing/finance/matching_page"),
        "MatchingPage",
      ),
    }),
    createRoute({
      getParentRoute,
      path: "/finance/payments",
      beforeLoad,
      validateSearch: ({ tab }: Given): Tabbed<PaymentTab> => ({ tab: oneOf(PAYMENT_TABS, tab) }),
      component: lazyRouteComponent(
        () => import("@/features/billing/finance/payments_page"),
        "PaymentsPage",
      ),
    }),
    createRoute({
      getParentRoute,
      path: "/finance/days",
      beforeLoad,
      validateSearch: ({ tab }: Given): Tabbed<DayTab> => ({ tab: oneOf(DAY_TABS, tab) }),
      component: lazyRouteComponent(
        () => import("@/features/billing/finance/days_page"),
        "DaysPage",
      ),
    }),
    createRoute({
      getParentRoute,
      path: "/finance/reports",
      beforeLoad,
      validateSearch: ({ report, days }: Given): { report?: ReportTab; days?: RangeDays } => ({
        report: oneOf(REPORTS, report),
        days: oneOf(RANGES, text(days)),
      }),
      component: lazyRouteComponent(
        () => import("@/features/billing/finance/reports_page"),
        "ReportsPage",
      ),
    }),
    createRoute({
      getParentRoute,
      path: "/finance/prices",
      beforeLoad: saidByAll("offers"),
      validateSearch: ({ tab }: Given): Tabbed<PriceTab> => ({ tab: oneOf(PRICE_TABS, tab) }),
      component: lazyRouteComponent(
        () => import("@/features/billing/finance/prices_page"),
        "PricesPage",
      ),
    }),
    createRoute({
      getParentRoute,
      path: "/finance/documents",
      beforeLoad: saidByAll("offers"),
      validateSearch: ({ tab, state }: Given): Tabbed<DocumentTab> & { state?: "overdue" } => ({
        tab: oneOf(DOCUMENT_TABS, tab),
        state: oneOf(["overdue"], state),
      }),
      component: lazyRouteComponent(
        () => import("@/features/billing/finance/documents_page"),
        "DocumentsPage",
      ),
    }),
  ] as const;
}
