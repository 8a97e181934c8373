import type { QueryClient } from "@tanstack/react-query";
import { redirect } from "@tanstack/react-router";
import { type Desk, type Session, sessionQuery } from "@/api/session";
import { rememberDesk } from "./desks";

export type RouterContext = { queries: QueryClient };

/** Thrown by a guard; the route's error component shows who can grant the desk. */
export class DeskRefused extends Error {
  readonly desk: Desk;

  constructor(desk: Desk) {
    super(`no access to the ${desk} desk`);
    this.desk = desk;
  }
}

/** Only a path of this site: "//evil.example" and "https:…" would lead a fresh login away. */
export function safeNext(next: unknown): string | undefined {
  if (typeof next !== "string" || !/^\/(?![/\\])/.test(next)) return undefined;
  return next.startsWith("/login") || next.startsWith("/signup") ? undefined : next;
}

export async function requireSession(queries: QueryClient, href: string): Promise<Session> {
  const session = await queries.ensureQueryData(sessionQuery);
  if (session === null || session.step === "second_step")
    throw redirect({ to: "/login", search: { next: safeNext(href) } });
  if (session.step === "enrolment") throw redirect({ to: "/second-factor" });
  return session;
}

/** The server refuses as well; this only spares people a page of errors. */
export function requireDesk(session: Session, desk: Desk): void {
  if (!session.desks.includes(desk)) throw new DeskRefused(desk);
  rememberDesk(desk);
}
