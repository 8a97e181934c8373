import { problemOf } from "./problem";

type Fetcher = (request: Request) => Promise<Response>;
/** Asks the person to prove who they are; false when they would rather not. */
export type Asker = () => Promise<boolean>;

let asker: Asker | null = null;
let asking: Promise<boolean> | null = null;

/** The dialog that asks, while it is mounted. */
export function listenForStepUp(given: Asker): () => void {
  asker = given;
  return () => {
    if (asker === given) asker = null;
  };
}

/** Whatever asks at the same moment shares one dialog. */
export function stepUp(): Promise<boolean> {
  if (asker === null) return Promise.resolve(false);
  asking ??= asker().finally(() => {
    asking = null;
  });
  return asking;
}

/**
 * A request that is refused for want of a fresh proof is sent once more after it: same body, same
 * idempotency key, same CSRF token, which a proof leaves as it is.
 */
export function provingFirst(network: Fetcher): Fetcher {
  return async (request) => {
    const again = asker === null ? null : request.clone();
    const response = await network(request);
    if (again === null || response.status !== 403) return response;
    const { code } = await problemOf(response.clone());
    if (code !== "step_up_required" || !(await stepUp())) return response;
    return network(again);
  };
}
