import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { DOCUMENT_KINDS, type DocumentKind } from "@/features/billing/document_kinds";
import { filtersOf, type LedgerFilters } from "@/features/billing/ledger_filters";
import { atDesk, oneOf, saying, text } from "./page_routes";
import type { shellRoute } from "./router";

type Given = Record<string, unknown>;
type CreditsSearch = LedgerFilters & { purchase?: string; cancelled?: boolean; card?: "saved" };

/** What a tenant has, buys and pays. The payment pages come back to /credits. */
export function billingRoutes(shell: typeof shellRoute) {
  const getParentRoute = () => shell;
  const beforeLoad = atDesk("workspace");
  return [
    createRoute({
      getParentRoute,
      path: "/credits",
      beforeLoad,
      validateSearch: (given: Given): CreditsSearch => ({
        ...filtersOf(given),
        purchase: text(given.purchase),
        cancelled: given.cancelled === true ? true : undefined,
        card: oneOf(["saved"] as const, given.card),
      }),
      component: lazyRouteComponent(() => import("@/features/billing/credits_page"), "CreditsPage"),
    }),
    createRoute({
      getParentRoute,
      path: "/credits/buy",
      beforeLoad,
      component: lazyRouteComponent(() => import("@/features/billing/buy_page"), "BuyPage"),
    }),
    createRoute({
      getParentRoute,
      path: "/credits/auto-reload",
      beforeLoad: saying(beforeLoad, "reload"),
      validateSearch: ({ card }: Given): { card?: "saved" } => ({
        card: oneOf(["saved"] as const, card),
      }),
      component: lazyRouteComponent(
        () => import("@/features/billing/auto_reload_page"),
        "AutoReloadPage",
      ),
    }),
    createRoute({
      getParentRoute,
      path: "/credits/documents",
      beforeLoad,
      validateSearch: ({ kind }: Given): { kind?: DocumentKind } => ({
        kind: oneOf(DOCUMENT_KINDS, kind),
      }),
      component: lazyRouteComponent(
        () => import("@/features/billing/documents_page"),
        "DocumentsPage",
      ),
    }),
    createRoute({
      getParentRoute,
      path: "/credits/profile",
      beforeLoad,
      component: lazyRouteComponent(() => import("@/features/billing/profile_page"), "ProfilePage"),
    }),
  ] as const;
}
