import { afterEach, expect, test } from "vitest";
import { createClient, rememberCsrfToken } from "./client";
import { fieldErrors, Problem } from "./problem";

afterEach(() => rememberCsrfToken(null));

function answering(status: number, body: unknown, headers: Record<string, string> = {}) {
  const seen: Request[] = [];
  const client = createClient("http://127.0.0.1", async (request) => {
    seen.push(request);
    return new Response(typeof body === "string" ? body : JSON.stringify(body), {
      status,
      headers,
    });
  });
  return { client, seen };
}

const login = { body: { email: "a@b.c", password: "secret" } };

test("a POST carries the CSRF token and an idempotency key, a GET neither", async () => {
  rememberCsrfToken("token-1");
  const { client, seen } = answering(200, {});
  await client.POST("/v1/login", login);
  await client.GET("/v1/session");
  expect(seen[0]?.headers.get("X-CSRF-Token")).toBe("token-1");
  expect(seen[0]?.headers.get("Idempotency-Key")).toMatch(/^[0-9a-f-]{36}$/);
  expect(seen[1]?.headers.get("X-CSRF-Token")).toBeNull();
  expect(seen[1]?.headers.get("Idempotency-Key")).toBeNull();
});

test("a caller's own key is kept, so a retry is the same request", async () => {
  const { client, seen } = answering(200, {});
  await client.POST("/v1/login", { ...login, headers: { "Idempotency-Key": "k-1" } });
  expect(seen[0]?.headers.get("Idempotency-Key")).toBe("k-1");
});

test("problem+json becomes a Problem with its facts and the request id", async () => {
  const body = {
    type: "about:blank",
    title: "Not enough credits",
    status: 409,
    code: "insufficient_credits",
    required: 120,
    available: 100,
    errors: [{ pointer: "/email", code: "taken", message: "Already used" }],
  };
  const { client } = answering(409, body, { "X-Request-ID": "r-9" });
  const error = await client.POST("/v1/login", login).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(Problem);
  const problem = error as Problem;
  expect(problem).toMatchObject({ status: 409, code: "insufficient_credits", requestId: "r-9" });
  expect(problem.facts).toEqual({ required: 120, available: 100 });
  expect(fieldErrors(problem)).toEqual({ email: "Already used" });
});

test("a proxy's page and a dead server are problems too", async () => {
  const { client } = answering(502, "<html>Bad gateway</html>");
  await expect(client.GET("/v1/session")).rejects.toMatchObject({ code: "unexpected_answer" });
  const dead = createClient("http://127.0.0.1", async () => {
    throw new TypeError("Failed to fetch");
  });
  await expect(dead.GET("/v1/session")).rejects.toMatchObject({ code: "unreachable", status: 0 });
});
