import { queryOptions, useQueryClient } from "@tanstack/react-query";
import { client } from "./client";
import { createPasskey, signWithPasskey } from "./passkeys";
import { present } from "./present";
import type { components } from "./schema";
import { rememberSession, type Session, sessionQuery } from "./session";
import { useIntent } from "./use_intent";

type Schemas = components["schemas"];
export type Factors = Schemas["SecondFactorsView"];
export type Factor = Factors["factors"][number];
export type Way = Session["ways"][number];
export type Offer = Schemas["TotpOffer"];

export type Proof =
  | { way: "totp" | "recovery_code"; code: string }
  | { way: "password"; password: string }
  | { way: "passkey" };

const FACTORS_KEY = ["second-factors"] as const;

export const factorsQuery = queryOptions({
  queryKey: FACTORS_KEY,
  queryFn: async ({ signal }): Promise<Factors> =>
    present(await client.GET("/v1/account/second-factors", { signal })),
});

async function prove(given: Proof): Promise<Session> {
  switch (given.way) {
    case "totp":
      return present(await client.POST("/v1/session/proof/code", { body: { code: given.code } }));
    case "recovery_code":
      return present(
        await client.POST("/v1/session/proof/recovery-code", { body: { code: given.code } }),
      );
    case "password":
      return present(
        await client.POST("/v1/session/proof/password", { body: { password: given.password } }),
      );
    case "passkey": {
      const request = present(await client.POST("/v1/session/proof/passkey/challenge"));
      const body = await signWithPasskey(request);
      return present(await client.POST("/v1/session/proof/passkey", { body }));
    }
  }
}

export function useProof(then: { onSuccess: (session: Session) => void | Promise<void> }) {
  return useIntent(prove, then);
}

/** What is known of the login changed, and nothing else: what was read stays read. */
export function useKeepSession(): (session: Session) => void {
  const queries = useQueryClient();
  return (session) => queries.setQueryData(sessionQuery.queryKey, rememberSession(session));
}

/** After a change: the list as it is now, and the session, whose ways may be others. */
function useChanged(): (factors: Factors) => Promise<void> {
  const queries = useQueryClient();
  return async (factors) => {
    queries.setQueryData(FACTORS_KEY, { ...factors, recovery_codes: null });
    await queries.invalidateQueries({ queryKey: sessionQuery.queryKey });
  };
}

export function offerQuery(attempt: number) {
  return queryOptions({
    queryKey: ["totp-offer", attempt],
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    queryFn: async (): Promise<Offer> =>
      present(await client.POST("/v1/account/second-factors/totp/offer")),
  });
}

export function useAddApp(then: (factors: Factors) => void) {
  const changed = useChanged();
  return useIntent(
    async (body: Schemas["TotpAddition"], headers) =>
      present(await client.POST("/v1/account/second-factors/totp", { body, headers })),
    {
      onSuccess: async (factors) => {
        then(factors);
        await changed(factors);
      },
    },
  );
}

export function useAddPasskey(then: (factors: Factors) => void) {
  const changed = useChanged();
  return useIntent(
    async (name: string) => {
      const offer = present(await client.POST("/v1/account/second-factors/passkeys/offer"));
      const body = { name, ...(await createPasskey(offer)) };
      return present(await client.POST("/v1/account/second-factors/passkeys", { body }));
    },
    {
      onSuccess: async (factors) => {
        then(factors);
        await changed(factors);
      },
    },
  );
}

export function useRenameFactor(then: () => void) {
  const changed = useChanged();
  return useIntent(
    async ({ factorId, name }: { factorId: string; name: string }, headers) =>
      present(
        await client.PATCH("/v1/account/second-factors/{factor_id}", {
          params: { path: { factor_id: factorId } },
          body: { name },
          headers,
        }),
      ),
    {
      onSuccess: async (factors) => {
        then();
        await changed(factors);
      },
    },
  );
}

export function useRemoveFactor(then: () => void) {
  const changed = useChanged();
  return useIntent(
    async (factor_id: string, headers) =>
      present(
        await client.DELETE("/v1/account/second-factors/{factor_id}", {
          params: { path: { factor_id } },
          headers,
        }),
      ),
    {
      onSuccess: async (factors) => {
        then();
        await changed(factors);
      },
    },
  );
}

export function useRenewCodes(then: (factors: Factors) => void) {
  const changed = useChanged();
  return useIntent(
    async (_: null, headers) =>
      present(await client.POST("/v1/account/recovery-codes", { headers })),
    {
      onSuccess: async (factors) => {
        then(factors);
        await changed(factors);
      },
    },
  );
}
