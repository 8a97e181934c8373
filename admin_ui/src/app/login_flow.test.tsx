import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import axe from "axe-core";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createAppQueryClient } from "@/api/query_client";
import type { DemoRole, Session } from "@/api/session";
import { createAppRouter } from "@/app/router";
import { ShortcutProvider } from "@/ui/shortcuts";

const session: Session = {
  account: {
    id: "a1",
    email: "ada@nordlys.example",
    name: "Ada Berg",
    is_email_confirmed: true,
    language: "en",
  },
  tenant: { id: "t1", name: "Nordlys Retail", status: "active", is_confirmed: true },
  member_role: "owner",
  staff_roles: [],
  tenants: [{ id: "t1", name: "Nordlys Retail", role: "owner" }],
  csrf_token: "csrf-1",
  desks: ["workspace"],
  is_demo: true,
  step: "complete",
  ways: [],
  is_stepped_up: true,
};

const role: DemoRole = {
  name: "Ada Nordli",
  staff_role: null,
  member_role: "owner",
  tenant_name: "Nordlys Retail",
  terms: "prepaid",
  email: "ada@nordlys.example",
  password: "demo",
  desk: "workspace",
};

type Server = { roles: DemoRole[] | null; password: string; loggedIn: boolean; keys: string[] };

/** A line that never opens: happy-dom has no streams of events. */
class SilentLine extends EventTarget {
  readonly readyState = 0;
  close() {}
}

/** The network is a port: the pages, the client and the router are the real ones. */
function serve(server: Server) {
  vi.stubGlobal("EventSource", SilentLine);
  const problem = (status: number, code: string) =>
    new Response(JSON.stringify({ type: "about:blank", title: code, status, code }), {
      status,
      headers: { "content-type": "application/problem+json", "x-request-id": "r-7" },
    });
  vi.stubGlobal("fetch", async (request: Request) => {
    const path = new URL(request.url).pathname;
    if (path === "/v1/demo/roles") {
      return server.roles === null ? problem(404, "not_found") : Response.json(server.roles);
    }
    if (path === "/v1/login") {
      server.keys.push(request.headers.get("Idempotency-Key") ?? "");
      const { password } = (await request.json()) as { password: string };
      if (password !== server.password) return problem(401, "login_failed");
      server.loggedIn = true;
      return Response.json(session);
    }
    return server.loggedIn ? Response.json(session) : problem(401, "unauthenticated");
  });
}

function open(path: string) {
  window.history.replaceState(null, "", path);
  const queries = createAppQueryClient(() => undefined);
  const router = createAppRouter(queries);
  return render(
    <MantineProvider env="test">
      <QueryClientProvider client={queries}>
        <ShortcutProvider>
          <RouterProvider router={router} />
        </ShortcutProvider>
      </QueryClientProvider>
    </MantineProvider>,
  );
}

let server: Server;

beforeEach(() => {
  server = { roles: [role], password: "demo", loggedIn: false, keys: [] };
  serve(server);
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function fill(password: string) {
  fireEvent.change(screen.getByLabelText("E-mail"), { target: { value: role.email } });
  fireEvent.change(screen.getByLabelText("Password"), { target: { value: password } });
  fireEvent.click(screen.getByRole("button", { name: "Log in" }));
}

const SLOW_MS = 15_000;

test("nobody is led to the login page; a role card logs in", { timeout: SLOW_MS }, async () => {
  open("/account");
  const card = await screen.findByRole("button", { name: /^Nordlys Retail/ }, { timeout: SLOW_MS });
  expect(window.location.search).toContain("next=%2Faccount");
  const { violations } = await axe.run(document.body, {
    // happy-dom paints nothing; contrast is computed from the tokens instead.
    rules: { "color-contrast": { enabled: false } },
  });
  expect(violations.map(({ id }) => id)).toEqual([]);
  fireEvent.click(card);
  await screen.findByRole("heading", { name: "Your account" }, { timeout: SLOW_MS });
});

test("a wrong password is said in words, and the next try is a new intent", {
  timeout: SLOW_MS,
}, async () => {
  open("/login");
  await screen.findByLabelText("E-mail", {}, { timeout: SLOW_MS });
  fill("wrong");
  const alert = await screen.findByRole("alert");
  expect(alert.textContent).toContain("do not belong together");
  fill("wrong");
  await waitFor(() => expect(server.keys).toHaveLength(2));
  expect(new Set(server.keys).size).toBe(2);
});

test("outside the demo there are no role cards", { timeout: SLOW_MS }, async () => {
  server.roles = null;
  open("/login");
  await screen.findByLabelText("E-mail", {}, { timeout: SLOW_MS });
  expect(screen.queryByText("Try it as")).toBeNull();
});
