import { QueryClient } from "@tanstack/react-query";
import { isRedirect } from "@tanstack/react-router";
import { expect, test } from "vitest";
import { type Session, sessionQuery } from "@/api/session";
import { currentDesk } from "./desks";
import { DeskRefused, requireDesk, requireSession, safeNext } from "./guards";

const session: Session = {
  account: { id: "a", email: "a@b.c", name: "Ada", is_email_confirmed: true, language: "en" },
  tenant: null,
  member_role: null,
  staff_roles: ["moderator"],
  tenants: [],
  csrf_token: "t",
  desks: ["moderation", "finance"],
  is_demo: false,
  step: "complete",
  ways: ["passkey", "recovery_code"],
  is_stepped_up: false,
};

test("nobody is led to the login page and back", async () => {
  const queries = new QueryClient();
  queries.setQueryData(sessionQuery.queryKey, null);
  const thrown = await requireSession(queries, "/campaigns?view=draft").catch((e: unknown) => e);
  expect(isRedirect(thrown)).toBe(true);
  expect(thrown).toMatchObject({
    options: { to: "/login", search: { next: "/campaigns?view=draft" } },
  });
});

test("half a login leads to its second step, staff without a factor to setting it up", async () => {
  const queries = new QueryClient();
  for (const [step, to] of [
    ["second_step", "/login"],
    ["enrolment", "/second-factor"],
  ] as const) {
    const given: Session = { ...session, step };
    queries.setQueryData(sessionQuery.queryKey, given);
    const thrown = await requireSession(queries, "/finance").catch((e: unknown) => e);
    expect(thrown).toMatchObject({ options: { to } });
  }
});

test("a desk is refused to who lacks it, and remembered for who has it", () => {
  expect(() => requireDesk(session, "platform")).toThrow(DeskRefused);
  requireDesk(session, "finance");
  expect(currentDesk(session)).toBe("finance");
});

test.each([
  "//evil.example",
  "/\\evil.example",
  "https://evil.example",
  "javascript:x",
  4,
  "/login",
])("%s is no place to go after a login", (next) => {
  expect(safeNext(next)).toBeUndefined();
});
