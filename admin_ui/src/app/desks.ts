import {
  IconAddressBook,
  IconBuildingBank,
  IconInbox,
  IconSend,
  IconServerCog,
  IconTemplate,
  type TablerIcon,
} from "@tabler/icons-react";
import type { LinkProps } from "@tanstack/react-router";
import i18next from "i18next";
import type { Desk, Session } from "@/api/session";

export type DeskPage = {
  to: NonNullable<LinkProps["to"]>;
  /** Said by the catalogue at the call: labels are looked up when the language is known. */
  label: () => string;
  icon: TablerIcon;
  /** "g c": go there from anywhere on the desk. */
  keys?: string;
};

/**
 * The pages of each desk in the order of its navigation; the first is its start page. A page is
 * listed here the moment its route exists in router.tsx, never before.
 */
export const DESK_PAGES: Record<Desk, readonly DeskPage[]> = {
  workspace: [
    { to: "/campaigns", label: () => i18next.t("campaigns.title"), icon: IconSend, keys: "g c" },
    {
      to: "/templates",
      label: () => i18next.t("templates.title"),
      icon: IconTemplate,
      keys: "g t",
    },
    { to: "/senders", label: () => i18next.t("senders.title"), icon: IconAddressBook, keys: "g s" },
  ],
  moderation: [
    { to: "/moderation", label: () => i18next.t("desk_page.queue"), icon: IconInbox, keys: "g q" },
  ],
  finance: [],
  platform: [],
};

export const DESK_ICONS: Record<Desk, TablerIcon> = {
  workspace: IconSend,
  moderation: IconInbox,
  finance: IconBuildingBank,
  platform: IconServerCog,
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

export function startPage(desk: Desk | null): DeskPage["to"] {
  return (desk === null ? undefined : DESK_PAGES[desk][0]?.to) ?? "/account";
}
