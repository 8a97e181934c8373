import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import type { Desk, Session } from "@/api/session";
import { type Area, loadAreas } from "@/i18n";
import { currentDesk } from "./desks";
import { requireDesk } from "./guards";
import type { shellRoute } from "./router";

type Shell = typeof shellRoute;
type Given = Record<string, unknown>;
type Context = { context: { session: Session } };

const SETTINGS_TABS = ["keys", "members", "number"] as const;

export function text(given: unknown): string | undefined {
  // The router reads "123" in an address as a number.
  if (typeof given === "number") return String(given);
  return typeof given === "string" && given !== "" ? given : undefined;
}

export function oneOf<Value extends string>(
  values: readonly Value[],
  given: unknown,
): Value | undefined {
  return values.find((value) => value === given);
}

type Searched = { q?: string };

const searched = ({ q }: Given): Searched => ({ q: text(q) });

export const atDesk =
  (desk: Desk) =>
  ({ context }: Context): void =>
    requireDesk(context.session, desk);

/** The guard first; then what the pages say. */
export const saying =
  (guard: (given: Context) => void, ...areas: Area[]) =>
  async (given: Context): Promise<void> => {
    guard(given);
    await loadAreas(...areas);
  };

/** A page of two desks: whoever came from one of them stays there. */
function atStaffDesk({ context: { session } }: Context): void {
  const here = currentDesk(session);
  if (here === "moderation" || here === "platform") return;
  requireDesk(session, session.desks.includes("platform") ? "platform" : "moderation");
}

/** What a tenant keeps: subscribers, groups, imports, opt-outs, settings. */
export function audienceRoutes(shell: Shell) {
  const getParentRoute = () => shell;
  const beforeLoad = saying(atDesk("workspace"), "audience");
  return [
    createRoute({
      getParentRoute,
      path: "/subscribers",
      beforeLoad,
      validateSearch: ({
        q,
        group,
        open,
      }: Given): Searched & { group?: string; open?: string } => ({
        q: text(q),
        group: text(group),
        open: text(open),
      }),
      component: lazyRouteComponent(
        () => import("@/features/audience/subscribers_page"),
        "SubscribersPage",
      ),
    }),
    createRoute({
      getParentRoute,
      path: "/groups",
      beforeLoad,
      component: lazyRouteComponent(() => import("@/features/audience/groups_page"), "GroupsPage"),
    }),
    createRoute({
      getParentRoute,
      path: "/groups/$groupId",
      beforeLoad,
      component: lazyRouteComponent(() => import("@/features/audience/group_page"), "GroupPage"),
    }),
    createRoute({
      getParentRoute,
      path: "/target-groups",
      beforeLoad,
      component: lazyRouteComponent(
        () => import("@/features/audience/target_groups_page"),
        "TargetGroupsPage",
      ),
    }),
    createRoute({
      getParentRoute,
      path: "/target-groups/new",
      beforeLoad,
      component: lazyRouteComponent(
        () => import("@/features/audience/target_group_page"),
        "NewTargetGroupPage",
      ),
    }),
    createRoute({
      getParentRoute,
      path: "/target-groups/$targetGroupId",
      beforeLoad,
      component: lazyRouteComponent(
        () => import("@/features/audience/target_group_page"),
        "TargetGroupPage",
      ),
    }),
    createRoute({
      getParentRoute,
      path: "/imports",
      beforeLoad,
      component: lazyRouteComponent(
        () => import("@/features/audience/imports_page"),
        "ImportsPage",
      ),
    }),
    createRoute({
      getParentRoute,
      path: "/imports/new",
      beforeLoad,
      component: lazyRouteComponent(
        () => import("@/features/audience/import_new_page"),
        "ImportNewPage",
      ),
    }),
    createRoute({
      getParentRoute,
      path: "/imports/$importId",
      beforeLoad,
      component: lazyRouteComponent(() => import("@/features/audience/import_page"), "ImportPage"),
    }),
    createRoute({
      getParentRoute,
      path: "/opt-outs",
      beforeLoad,
      validateSearch: searched,
      component: lazyRouteComponent(
        () => import("@/features/audience/opt_outs_page"),
        "OptOutsPage",
      ),
    }),
    createRoute({
      getParentRoute,
      path: "/notices",
      beforeLoad,
      validateSearch: ({ tab }: Given): { tab?: "preferences" } => ({
        tab: oneOf(["preferences"], tab),
      }),
      component: lazyRouteComponent(
        () => import("@/features/notifications/notices_page"),
        "NoticesPage",
      ),
    }),
    createRoute({
      getParentRoute,
      path: "/sending-settings",
      beforeLoad,
      component: lazyRouteComponent(
        () => import("@/features/audience/sending_settings"),
        "SendingSettingsPage",
      ),
    }),
    createRoute({
      getParentRoute,
      path: "/settings",
      beforeLoad: saying(atDesk("workspace"), "company"),
      validateSearch: ({ tab }: Given): { tab?: (typeof SETTINGS_TABS)[number] } => ({
        tab: oneOf(SETTINGS_TABS, tab),
      }),
      component: lazyRouteComponent(
        () => import("@/features/identity/settings_page"),
        "SettingsPage",
      ),
    }),
  ] as const;
}

/** What staff see of a tenant, and of the sending of all. */
export function tenantRoutes(shell: Shell) {
  const getParentRoute = () => shell;
  return [
    createRoute({
      getParentRoute,
      path: "/sending",
      beforeLoad: saying(atStaffDesk, "campaigns", "sessions"),
      component: lazyRouteComponent(
        () => import("@/features/delivery/sending_page"),
        "SendingPage",
      ),
    }),
    createRoute({
      getParentRoute,
      path: "/gateways",
      beforeLoad: atDesk("platform"),
      component: lazyRouteComponent(
        () => import("@/features/gateways/gateways_page"),
        "GatewaysPage",
      ),
    }),
    createRoute({
      getParentRoute,
      path: "/legal-hours",
      beforeLoad: saying(atStaffDesk, "audience"),
      component: lazyRouteComponent(
        () => import("@/features/audience/legal_hours_page"),
        "LegalHoursPage",
      ),
    }),
    createRoute({
      getParentRoute,
      path: "/tenants",
      beforeLoad: saying(atStaffDesk, "company"),
      validateSearch: searched,
      component: lazyRouteComponent(
        () => import("@/features/identity/tenants_page"),
        "TenantsPage",
      ),
    }),
    createRoute({
      getParentRoute,
      path: "/tenants/$tenantId",
      beforeLoad: saying(atStaffDesk, "company"),
      component: lazyRouteComponent(() => import("@/features/identity/tenant_page"), "TenantPage"),
    }),
  ] as const;
}
