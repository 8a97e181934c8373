import { QueryCache, QueryClient } from "@tanstack/react-query";
import { Problem } from "./problem";

const FRESH_FOR_MS = 15_000;
const MOST_RETRIES = 2;

/** A refusal (4xx) stays one however often it is asked; only silence and 5xx are worth a retry. */
export function worthRetrying(failures: number, error: Error): boolean {
  if (failures >= MOST_RETRIES) return false;
  return !(error instanceof Problem) || error.status === 0 || error.status >= 500;
}

export function createAppQueryClient(onUnauthenticated: () => void): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({
      onError: (error) => {
        if (error instanceof Problem && error.status === 401) onUnauthenticated();
      },
    }),
    defaultOptions: {
      queries: { staleTime: FRESH_FOR_MS, retry: worthRetrying, refetchOnWindowFocus: true },
      mutations: { retry: false },
    },
  });
}
