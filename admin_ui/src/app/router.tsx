import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";
import { demoRolesQuery, sessionQuery } from "@/api/session";
import { PageSkeleton } from "@/ui/states";
import { currentDesk, startPage } from "./desks";
import { type RouterContext, requireSession, safeNext } from "./guards";
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
    if (session !== null)
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

/** Everything behind a login stands in the shell of a desk. */
export const shellRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "shell",
  beforeLoad: async ({ context: { queries }, location }) => ({
    session: await requireSession(queries, location.href),
  }),
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
  component: lazyRouteComponent(() => import("@/features/identity/account_page"), "AccountPage"),
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
  shellRoute.addChildren([
    startRoute,
    accountRoute,
    ...audienceRoutes(shellRoute),
    ...tenantRoutes(shellRoute),
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
}
