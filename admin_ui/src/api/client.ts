import createFetchClient, { type Middleware } from "openapi-fetch";
import createQueryClient from "openapi-react-query";
import { Problem, problemOf, unreachable } from "./problem";
import type { paths } from "./schema";
import { provingFirst } from "./step_up";

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);
const CSRF_HEADER = "X-CSRF-Token";
export const IDEMPOTENCY_HEADER = "Idempotency-Key";

let csrfToken: string | null = null;

/** Every session view carries the token of its login session; a new login means a new token. */
export function rememberCsrfToken(token: string | null): void {
  csrfToken = token;
}

const contract: Middleware = {
  onRequest({ request }) {
    if (SAFE_METHODS.has(request.method)) return undefined;
    if (csrfToken !== null) request.headers.set(CSRF_HEADER, csrfToken);
    // A caller that may retry passes its own key (see use_intent.ts); the rest still get one, so
    // that no POST reaches the server without.
    if (request.method === "POST" && !request.headers.has(IDEMPOTENCY_HEADER)) {
      request.headers.set(IDEMPOTENCY_HEADER, crypto.randomUUID());
    }
    return request;
  },
  async onResponse({ response }) {
    if (response.ok) return undefined;
    throw await problemOf(response);
  },
  onError({ error }) {
    return error instanceof Problem ? error : unreachable();
  },
};

type Fetcher = (request: Request) => Promise<Response>;

// Looked up at each call: a test puts its server here.
const network = provingFirst((request) => globalThis.fetch(request));

export function createClient(baseUrl: string, fetcher: Fetcher = network) {
  const client = createFetchClient<paths>({
    baseUrl,
    credentials: "same-origin",
    headers: { Accept: "application/json" },
    fetch: fetcher,
  });
  client.use(contract);
  return client;
}

/** Plain calls. `baseUrl` is the page's own origin: the API and the pages share one server. */
export const client = createClient(globalThis.location?.origin ?? "");

/** `api.useQuery("get", "/v1/session")`: keys, types and cancelling come with it. */
export const api = createQueryClient(client);
