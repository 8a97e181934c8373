import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { RULED, RULES_TABS, type RuledFilter, type RulesTab } from "@/features/moderation/search";
import { oneOf, text } from "./page_routes";
import type { moderationRoute } from "./router";

type Given = Record<string, unknown>;

const RANGES = ["1", "7", "30"] as const;
const LANES = ["standard", "large", "flagged", "lead_only"] as const;

/** The pages of the moderation desk beside its queue. */
export function deskRoutes(moderation: typeof moderationRoute) {
  const getParentRoute = () => moderation;
  return [
    createRoute({
      getParentRoute,
      path: "/moderation/decisions",
      validateSearch: ({ q, verdict }: Given): { q?: string; verdict?: RuledFilter } => ({
        q: text(q),
        verdict: oneOf(RULED, verdict),
      }),
      component: lazyRouteComponent(
        () => import("@/features/moderation/past_decisions_page"),
        "PastDecisionsPage",
      ),
    }),
    createRoute({
      getParentRoute,
      path: "/moderation/numbers",
      validateSearch: ({
        days,
        lane,
      }: Given): { days?: (typeof RANGES)[number]; lane?: (typeof LANES)[number] } => ({
        days: oneOf(RANGES, text(days)),
        lane: oneOf(LANES, lane),
      }),
      component: lazyRouteComponent(
        () => import("@/features/statistics/numbers_page"),
        "NumbersPage",
      ),
    }),
    createRoute({
      getParentRoute,
      path: "/moderation/matters",
      component: lazyRouteComponent(
        () => import("@/features/moderation/matters_page"),
        "MattersPage",
      ),
    }),
    createRoute({
      getParentRoute,
      path: "/moderation/rules",
      validateSearch: ({ tab }: Given): { tab?: RulesTab } => ({ tab: oneOf(RULES_TABS, tab) }),
      component: lazyRouteComponent(() => import("@/features/moderation/rules_page"), "RulesPage"),
    }),
    createRoute({
      getParentRoute,
      path: "/moderation/wall",
      staticData: { bare: true },
      component: lazyRouteComponent(() => import("@/features/statistics/wall_page"), "WallPage"),
    }),
  ] as const;
}
