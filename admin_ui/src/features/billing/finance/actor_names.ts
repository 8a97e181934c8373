import { useQuery } from "@tanstack/react-query";
import { client } from "@/api/client";
import { present } from "@/api/present";

const STALE_MS = 10 * 60_000;
const AT_ONCE_MAX = 100;
const NAMED = new Set(["staff", "member", "api_key"]);

type Waiting = { resolve: (name: string | null) => void; reject: (error: unknown) => void };

let waiting = new Map<string, Waiting[]>();

/** Rows that are drawn together ask together: one request for the people of a whole table. */
function nameOf(actor: string): Promise<string | null> {
  return new Promise((resolve, reject) => {
    if (waiting.size === 0) setTimeout(() => void ask());
    waiting.set(actor, [...(waiting.get(actor) ?? []), { resolve, reject }]);
  });
}

async function ask(): Promise<void> {
  const asked = [...waiting];
  waiting = new Map();
  for (let first = 0; first < asked.length; first += AT_ONCE_MAX) {
    const part = asked.slice(first, first + AT_ONCE_MAX);
    try {
      const found = present(
        await client.GET("/v1/finance/actors", {
          params: { query: { actor: part.map(([actor]) => actor) } },
        }),
      );
      const names = new Map(found.map(({ actor, name }) => [actor, name]));
      for (const [actor, ones] of part)
        for (const { resolve } of ones) resolve(names.get(actor) ?? null);
    } catch (error) {
      for (const [, ones] of part) for (const { reject } of ones) reject(error);
    }
  }
}

/** Undefined while it is asked for, null where nobody of that id is known. */
export function useActorName(actor: string): string | null | undefined {
  const { data, isError } = useQuery({
    queryKey: ["finance-actor", actor],
    queryFn: () => nameOf(actor),
    enabled: NAMED.has(actor.split(":", 1)[0] ?? ""),
    staleTime: STALE_MS,
  });
  return isError ? null : data;
}
