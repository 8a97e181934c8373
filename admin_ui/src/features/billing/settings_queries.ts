import { queryOptions } from "@tanstack/react-query";
import { client } from "@/api/client";
import { present } from "@/api/present";
import { Problem } from "@/api/problem";
import type { AutoReload, BillingProfile } from "./billing";

const POLL_INTERVAL_MS = 10_000;

/** What nobody has said yet is an answer and no error: a form stands on it. */
async function orNull<View>(read: () => Promise<View>): Promise<View | null> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Problem && error.code.endsWith("_absent")) return null;
    throw error;
  }
}

// Keys as `api.useQuery` makes them, so that `useRefresh` finds them.
export const profileQuery = queryOptions({
  queryKey: ["get", "/v1/billing-profile"],
  queryFn: ({ signal }): Promise<BillingProfile | null> =>
    orNull(async () => present(await client.GET("/v1/billing-profile", { signal }))),
});

export const autoReloadQuery = queryOptions({
  queryKey: ["get", "/v1/auto-reload"],
  // A card is charged, refused and charged again while one looks.
  refetchInterval: POLL_INTERVAL_MS,
  queryFn: ({ signal }): Promise<AutoReload | null> =>
    orNull(async () => present(await client.GET("/v1/auto-reload", { signal }))),
});
