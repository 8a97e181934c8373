import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { client, rememberCsrfToken } from "./client";
import { Problem } from "./problem";
import type { components } from "./schema";
import { useIntent } from "./use_intent";

export type Session = components["schemas"]["LoginSessionView"];
export type Desk = Session["desks"][number];
export type Login = components["schemas"]["Login"];
export type Signup = components["schemas"]["SignUp"];
export type DemoRole = components["schemas"]["DemoRoleView"];

const SESSION_FRESH_FOR_MS = 60_000;

export function rememberSession(session: Session | null): Session | null {
  rememberCsrfToken(session?.csrf_token ?? null);
  return session;
}

/** `null`: nobody is logged in, which is an answer and no error. */
export async function readSession(signal?: AbortSignal): Promise<Session | null> {
  try {
    const { data } = await client.GET("/v1/session", { signal });
    return rememberSession(data ?? null);
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return rememberSession(null);
    throw error;
  }
}

export const sessionQuery = queryOptions({
  queryKey: ["session"],
  staleTime: SESSION_FRESH_FOR_MS,
  queryFn: ({ signal }) => readSession(signal),
});

/** Empty outside the demo, where the route answers 404. */
export const demoRolesQuery = queryOptions({
  queryKey: ["demo-roles"],
  staleTime: Number.POSITIVE_INFINITY,
  queryFn: async ({ signal }): Promise<DemoRole[]> => {
    try {
      const { data } = await client.GET("/v1/demo/roles", { signal });
      return data ?? [];
    } catch (error) {
      if (error instanceof Problem && error.status === 404) return [];
      throw error;
    }
  },
});

export function useSession(): Session | null {
  return useQuery(sessionQuery).data ?? null;
}

/** What was cached belongs to another principal: drop it, then keep the new session only. */
export function useReplaceSession(): (session: Session | null) => void {
  const queries = useQueryClient();
  return (session) => {
    queries.clear();
    queries.setQueryData(sessionQuery.queryKey, rememberSession(session));
  };
}

function present<T>(data: T | undefined): T {
  if (data === undefined) {
    throw new Problem({ status: 0, code: "empty_answer", title: "The answer was empty" }, null);
  }
  return data;
}

type Then = { onSuccess?: (session: Session) => void | Promise<void> };

export function useLogin(then: Then = {}) {
  const replace = useReplaceSession();
  return useIntent(
    async (body: Login, headers) =>
      present((await client.POST("/v1/login", { body, headers })).data),
    {
      onSuccess: async (session) => {
        replace(session);
        await then.onSuccess?.(session);
      },
    },
  );
}

export function useSignup(then: Then = {}) {
  const replace = useReplaceSession();
  return useIntent(
    async (body: Signup, headers) =>
      present((await client.POST("/v1/signup", { body, headers })).data),
    {
      onSuccess: async (session) => {
        replace(session);
        await then.onSuccess?.(session);
      },
    },
  );
}

export function useSwitchTenant(then: Then = {}) {
  const replace = useReplaceSession();
  return useIntent(
    async (tenantId: string, headers) =>
      present(
        (await client.POST("/v1/session/tenant", { body: { tenant_id: tenantId }, headers })).data,
      ),
    {
      onSuccess: async (session) => {
        replace(session);
        await then.onSuccess?.(session);
      },
    },
  );
}

export function useLogout(then: { onSuccess?: () => void | Promise<void> } = {}) {
  const replace = useReplaceSession();
  return useIntent(
    async (_: null, headers) => {
      await client.POST("/v1/logout", { headers });
    },
    {
      onSuccess: async () => {
        replace(null);
        await then.onSuccess?.();
      },
    },
  );
}
