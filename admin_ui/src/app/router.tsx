import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
  type SearchSchemaInput,
  stripSearchParams,
} from "@tanstack/react-router";
import { demoRolesQuery, sessionQuery } from "@/api/session";
import { stepOf } from "@/features/campaigns/steps";
import { viewOf } from "@/features/campaigns/views";
import { tabOf } from "@/features/delivery/tabs";
import { validateDesk } from "@/features/moderation/search";
import { loadAreas, loadDeskWords } from "@/i18n";
import { PageSkeleton } from "@/ui/states";
import { billingRoutes } from "./billing_routes";
import { deskRoutes } from "./desk_routes";
import { currentDesk, startPage } from "./desks";
import { financeRoutes } from "./finance_routes";
import { type RouterContext, requireDesk, requireSession, safeNext } from "./guards";
import { audienceRoutes, tenantRoutes } from "./page_routes";
import { NotFoundPage, RootLayout, RouteError } from "./root_layout";

const rootRoute = createRootRouteWithContext<RouterContext>()({
  component: RootLayout,
  notFoundComponent: NotFoundPage,
});

type Next = { next?: string };

const loginRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/login",
  validateSearch: (search: Record<string, unknown>): Next => ({ next: safeNext(search.next) }),
  beforeLoad: async ({ context: { queries }, search }) => {
    const session = await queries.ensureQueryData(sessionQuery).catch(() => null);
    if (session !== null && session.step !== "second_step")
      throw redirect({ href: search.next ?? startPage(session, currentDesk(session)) });
  },
  loader: ({ context: { queries } }) => {
    void queries.prefetchQuery(demoRolesQuery);
  },
  component: lazyRouteComponent(() => import("@/features/identity/login_page"), "LoginPage"),
});

const signupRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/signup",
  component: lazyRouteComponent(() => import("@/features/identity/signup_page"), "SignupPage"),
});

/** Where our own people are led who have no second factor yet; everybody else has /account. */
const secondFactorRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/second-factor",
  beforeLoad: async ({ context: { queries } }) => {
    const session = await queries.ensureQueryData(sessionQuery);
    if (session === null || session.step === "second_step") throw redirect({ to: "/login" });
    if (session.step === "complete") throw redirect({ to: "/" });
  },
  component: lazyRouteComponent(
    () => import("@/features/identity/enrolment_page"),
    "EnrolmentPage",
  ),
});

/** Links in mails lead here, and the mailbox of a demo; whoever is logged in stays so. */
const mailedRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: "/forgot-password",
    component: lazyRouteComponent(() => import("@/features/identity/forgot_page"), "ForgotPage"),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: "/reset-password",
    component: lazyRouteComponent(() => import("@/features/identity/reset_page"), "ResetPage"),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: "/confirm-email",
    component: lazyRouteComponent(() => import("@/features/identity/confirm_page"), "ConfirmPage"),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: "/invitation",
    component: lazyRouteComponent(
      () => import("@/features/identity/invitation_page"),
      "InvitationPage",
    ),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: "/mailbox",
    component: lazyRouteComponent(
      () => import("@/features/notifications/mailbox_page"),
      "MailboxPage",
    ),
  }),
] as const;

/** Everything behind a login stands in the shell of a desk. */
export const shellRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "shell",
  beforeLoad: async ({ context: { queries }, location }) => {
    const session = await requireSession(queries, location.href);
    await loadDeskWords();
    return { session };
  },
  component: lazyRouteComponent(() => import("./shell"), "Shell"),
});

const startRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/",
  beforeLoad: ({ context: { session } }) => {
    throw redirect({ to: startPage(session, currentDesk(session)), replace: true });
  },
});

const accountRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/account",
  beforeLoad: () => loadAreas("company"),
  component: lazyRouteComponent(() => import("@/features/identity/account_page"), "AccountPage"),
});

/** What an address may ask for: a link needs to name none of it. */
type Asked<Name extends string> = { [name in Name]?: string } & SearchSchemaInput;

/** What tenants work with; `id` gives the routes below a common guard, not a part of the address. */
const workspaceRoute = createRoute({
  getParentRoute: () => shellRoute,
  id: "workspace",
  beforeLoad: async ({ context: { session } }) => {
    requireDesk(session, "workspace");
    await loadAreas("campaigns", "sessions", "templates");
  },
});

const campaignsRoute = createRoute({
  getParentRoute: () => workspaceRoute,
  path: "/campaigns",
  validateSearch: (search: Asked<"view" | "search">) => ({
    view: viewOf(search.view),
    search: typeof search.search === "string" ? search.search : "",
  }),
  search: { middlewares: [stripSearchParams({ view: "all", search: "" })] },
  component: lazyRouteComponent(
    () => import("@/features/campaigns/campaigns_page"),
    "CampaignsPage",
  ),
});

const composerRoute = createRoute({
  getParentRoute: () => workspaceRoute,
  path: "/campaigns/$sessionId/edit",
  validateSearch: (search: Asked<"step">) => ({ step: stepOf(search.step) }),
  component: lazyRouteComponent(() => import("@/features/campaigns/composer_page"), "ComposerPage"),
});

const campaignSessionRoute = createRoute({
  getParentRoute: () => workspaceRoute,
  path: "/campaigns/$sessionId",
  validateSearch: (search: Asked<"tab">) => ({ tab: tabOf(search.tab) }),
  search: { middlewares: [stripSearchParams({ tab: "overview" })] },
  component: lazyRouteComponent(() => import("@/features/delivery/session_page"), "SessionPage"),
});

const templatesRoute = createRoute({
  getParentRoute: () => workspaceRoute,
  path: "/templates",
  component: lazyRouteComponent(
    () => import("@/features/templates/templates_page"),
    "TemplatesPage",
  ),
});

const templateRoute = createRoute({
  getParentRoute: () => workspaceRoute,
  path: "/templates/$templateId",
  component: lazyRouteComponent(() => import("@/features/templates/template_page"), "TemplatePage"),
});

const sendersRoute = createRoute({
  getParentRoute: () => workspaceRoute,
  path: "/senders",
  component: lazyRouteComponent(() => import("@/features/templates/senders_page"), "SendersPage"),
});

export const moderationRoute = createRoute({
  getParentRoute: () => shellRoute,
  id: "moderation",
  beforeLoad: async ({ context: { session } }) => {
    requireDesk(session, "moderation");
    await loadAreas("queue");
  },
});

const moderationDeskRoute = createRoute({
  getParentRoute: () => moderationRoute,
  path: "/moderation",
  staticData: { bleed: true },
  validateSearch: validateDesk,
  search: { middlewares: [stripSearchParams({ view: "open" })] },
  component: lazyRouteComponent(() => import("@/features/moderation/desk_page"), "DeskPage"),
});

// The stories of the kit: replaced by `false` in a production build, which drops the chunk.
const kitRoutes = import.meta.env.DEV
  ? [
      createRoute({
        getParentRoute: () => rootRoute,
        path: "/kit",
        component: lazyRouteComponent(() => import("@/kit/kit_page"), "KitPage"),
      }),
      createRoute({
        getParentRoute: () => rootRoute,
        path: "/kit/desk",
        component: lazyRouteComponent(() => import("@/kit/desk_story"), "DeskStory"),
      }),
    ]
  : [];

const routeTree = rootRoute.addChildren([
  loginRoute,
  signupRoute,
  secondFactorRoute,
  ...mailedRoutes,
  shellRoute.addChildren([
    startRoute,
    accountRoute,
    workspaceRoute.addChildren([
      campaignsRoute,
      composerRoute,
      campaignSessionRoute,
      templatesRoute,
      templateRoute,
      sendersRoute,
    ]),
    moderationRoute.addChildren([moderationDeskRoute, ...deskRoutes(moderationRoute)]),
    ...audienceRoutes(shellRoute),
    ...billingRoutes(shellRoute),
    ...tenantRoutes(shellRoute),
    ...financeRoutes(shellRoute),
  ]),
  ...kitRoutes,
]);

export function createAppRouter(queries: QueryClient) {
  return createRouter({
    routeTree,
    context: { queries },
    defaultPreload: "intent",
    defaultPendingComponent: PageSkeleton,
    defaultErrorComponent: RouteError,
    defaultNotFoundComponent: NotFoundPage,
    scrollRestoration: true,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
  interface StaticDataRouteOption {
    /** Desks of panes reach the edges of the window. */
    bleed?: boolean;
    /** Nothing around it: a screen on the wall. */
    bare?: boolean;
  }
}
