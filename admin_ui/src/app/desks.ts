import type { LinkProps } from "@tanstack/react-router";
import i18next from "i18next";
import type { Desk, Session } from "@/api/session";

export type DeskPage = {
  to: NonNullable<LinkProps["to"]>;
  /** Said by the catalogue at the call: labels are looked up when the language is known. */
  label: () => string;
  /** "g c": go there from anywhere on the desk. */
  keys?: string;
  /** The member roles whose work it is; every role where absent. */
  roles?: readonly NonNullable<Session["member_role"]>[];
};

const KEEPERS = ["owner", "manager", "sender", "editor", "viewer"] as const;

/**
 * The pages of each desk in the order of its navigation; the first is its start page. A page is
 * listed here the moment its route exists in router.tsx, never before.
 */
export const DESK_PAGES: Record<Desk, readonly DeskPage[]> = {
  workspace: [
    {
      to: "/campaigns",
      label: () => i18next.t("campaigns.title"),
      keys: "g c",
      roles: KEEPERS,
    },
    {
      to: "/subscribers",
      label: () => i18next.t("audience.title"),
      keys: "g s",
      roles: KEEPERS,
    },
    {
      to: "/groups",
      label: () => i18next.t("groups.title"),
      keys: "g g",
      roles: KEEPERS,
    },
    {
      to: "/imports",
      label: () => i18next.t("imports.title"),
      keys: "g i",
      roles: KEEPERS,
    },
    {
      to: "/opt-outs",
      label: () => i18next.t("opt_outs.title"),
      keys: "g o",
      roles: KEEPERS,
    },
    {
      to: "/templates",
      label: () => i18next.t("templates.title"),
      keys: "g t",
      roles: KEEPERS,
    },
    {
      to: "/senders",
      label: () => i18next.t("senders.title"),
      keys: "g n",
      roles: KEEPERS,
    },
    {
      to: "/credits",
      label: () => i18next.t("billing.title"),
      keys: "g b",
      roles: ["owner", "manager", "sender", "billing"],
    },
    {
      to: "/settings",
      label: () => i18next.t("settings.title"),
      keys: "g k",
      roles: ["owner", "manager"],
    },
  ],
  moderation: [
    { to: "/moderation", label: () => i18next.t("desk_page.queue"), keys: "g q" },
    { to: "/moderation/decisions", label: () => i18next.t("desk_nav.decisions"), keys: "g d" },
    { to: "/moderation/matters", label: () => i18next.t("desk_nav.matters"), keys: "g m" },
    { to: "/moderation/numbers", label: () => i18next.t("desk_nav.numbers"), keys: "g n" },
    { to: "/moderation/rules", label: () => i18next.t("desk_nav.rules"), keys: "g r" },
    {
      to: "/tenants",
      label: () => i18next.t("tenants.title"),
      keys: "g t",
    },
    {
      to: "/sending",
      label: () => i18next.t("desk.sending"),
      keys: "g s",
    },
  ],
  finance: [
    {
      to: "/finance",
      label: () => i18next.t("finance_nav.desk"),
      keys: "g f",
    },
    { to: "/finance/waiting", label: () => i18next.t("finance_nav.waiting"), keys: "g w" },
    { to: "/finance/matching", label: () => i18next.t("finance_nav.matching"), keys: "g m" },
    { to: "/finance/payments", label: () => i18next.t("finance_nav.payments"), keys: "g p" },
    { to: "/finance/documents", label: () => i18next.t("finance_nav.documents"), keys: "g i" },
    { to: "/finance/prices", label: () => i18next.t("finance_nav.prices"), keys: "g l" },
    { to: "/finance/days", label: () => i18next.t("finance_nav.days"), keys: "g d" },
    { to: "/finance/reports", label: () => i18next.t("finance_nav.reports"), keys: "g r" },
  ],
  platform: [
    {
      to: "/tenants",
      label: () => i18next.t("tenants.title"),
      keys: "g t",
    },
    {
      to: "/sending",
      label: () => i18next.t("desk.sending"),
      keys: "g s",
    },
    { to: "/gateways", label: () => i18next.t("gateways"), keys: "g w" },
    { to: "/legal-hours", label: () => i18next.t("legal_hours"), keys: "g l" },
  ],
};

const STORAGE_KEY = "clearsend.desk";

export function rememberDesk(desk: Desk): void {
  try {
    sessionStorage.setItem(STORAGE_KEY, desk);
  } catch {
    // Then the first desk of the session is shown.
  }
}

/** Where an account that works at several desks was last. */
export function currentDesk(session: Session): Desk | null {
  let stored: string | null = null;
  try {
    stored = sessionStorage.getItem(STORAGE_KEY);
  } catch {
    // Then the first desk of the session is shown.
  }
  return session.desks.find((desk) => desk === stored) ?? session.desks[0] ?? null;
}

/** What the navigation lists for this person. The server refuses the rest as well. */
export function pagesOf(session: Session, desk: Desk | null): readonly DeskPage[] {
  if (desk === null) return [];
  return DESK_PAGES[desk].filter(
    ({ roles }) => roles === undefined || roles.some((role) => role === session.member_role),
  );
}

export function startPage(session: Session, desk: Desk | null): DeskPage["to"] {
  return pagesOf(session, desk)[0]?.to ?? "/account";
}
