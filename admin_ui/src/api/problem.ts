import type { components } from "./schema";

export type FieldError = components["schemas"]["FieldError"];

/** What the server said (RFC 9457), or what we know when it said nothing. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly errors: readonly FieldError[];
  readonly facts: Readonly<Record<string, unknown>>;
  readonly requestId: string | null;

  constructor(body: ProblemBody, requestId: string | null) {
    super(body.detail || body.title);
    this.name = "Problem";
    const { status, code, title, detail, errors, type: _type, request_id, ...facts } = body;
    this.status = status;
    this.code = code;
    this.title = title;
    this.detail = detail ?? "";
    this.errors = errors ?? [];
    this.facts = facts;
    this.requestId = requestId ?? request_id ?? null;
  }
}

type ProblemBody = {
  status: number;
  code: string;
  title: string;
  detail?: string;
  errors?: FieldError[];
  type?: string;
  request_id?: string;
  [fact: string]: unknown;
};

const REQUEST_ID_HEADER = "x-request-id";

function isProblemBody(body: unknown): body is ProblemBody {
  return (
    typeof body === "object" &&
    body !== null &&
    "code" in body &&
    typeof body.code === "string" &&
    "title" in body &&
    typeof body.title === "string"
  );
}

/** Any answer that is no 2xx. A proxy's HTML page becomes `unexpected_answer`, never a crash. */
export async function problemOf(response: Response): Promise<Problem> {
  const requestId = response.headers.get(REQUEST_ID_HEADER);
  const body: unknown = await response.json().catch(() => null);
  if (isProblemBody(body)) return new Problem({ ...body, status: response.status }, requestId);
  const title = response.statusText || `HTTP ${response.status}`;
  return new Problem({ status: response.status, code: "unexpected_answer", title }, requestId);
}

/** The network failed: whether the server did anything is unknown, the same key may be sent again. */
export function unreachable(): Problem {
  return new Problem(
    { status: 0, code: "unreachable", title: "The server cannot be reached" },
    null,
  );
}

export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return new Problem({ status: 0, code: "unexpected", title: "Unexpected error", detail }, null);
}

/** `{"/email": "taken"}` becomes `{email: "taken"}`, as forms name their fields. */
export function fieldErrors(problem: Problem): Record<string, string> {
  return Object.fromEntries(
    problem.errors.map(({ pointer, message }) => [
      pointer.replace(/^#?\//, "").replaceAll("/", "."),
      message,
    ]),
  );
}
