import { afterEach, expect, test } from "vitest";
import { createClient } from "./client";
import { listenForStepUp, provingFirst } from "./step_up";

const refused = () =>
  Response.json({ code: "step_up_required", title: "Step up", status: 403 }, { status: 403 });

let stop = () => {};
afterEach(() => stop());

/** Answers 403 until somebody proved who they are; remembers every body and key it saw. */
function serve(seen: string[]) {
  let proven = false;
  stop = listenForStepUp(async () => {
    proven = true;
    return true;
  });
  return createClient(
    "http://desk.example",
    provingFirst(async (request) => {
      seen.push(`${await request.text()} ${request.headers.get("Idempotency-Key")}`);
      return proven ? Response.json({}) : refused();
    }),
  );
}

test("a refused write goes on after the proof, as it was", async () => {
  const seen: string[] = [];
  const client = serve(seen);
  const headers = { "Idempotency-Key": "once" };
  await client.POST("/v1/login", { body: { email: "a@b.c", password: "x" }, headers });
  expect(seen).toEqual(Array(2).fill('{"email":"a@b.c","password":"x"} once'));
});

test("whatever asks at the same moment asks once", async () => {
  let asked = 0;
  let proven = false;
  stop = listenForStepUp(async () => {
    asked += 1;
    await new Promise((resolve) => setTimeout(resolve, 5));
    proven = true;
    return true;
  });
  const client = createClient(
    "http://desk.example",
    provingFirst(async () => (proven ? Response.json({}) : refused())),
  );
  await Promise.all([client.POST("/v1/logout"), client.POST("/v1/logout")]);
  expect(asked).toBe(1);
});

test("who would rather not is told that it was refused", async () => {
  stop = listenForStepUp(async () => false);
  const client = createClient(
    "http://desk.example",
    provingFirst(async () => refused()),
  );
  await expect(client.POST("/v1/logout")).rejects.toMatchObject({ code: "step_up_required" });
});
