import { IconUserCircle } from "@tabler/icons-react";
import { Outlet, useMatches, useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { type Session, useSession } from "@/api/session";
import { CreditsCard } from "@/features/billing/credits_card";
import { useCommands } from "@/ui/command_palette";
import { ShellFrame } from "@/ui/shell_frame";
import { useShortcuts } from "@/ui/shortcuts";
import { AccountMenu } from "./account_menu";
import { PAGE_ICONS } from "./desk_icons";
import { DeskTools } from "./desk_tools";
import { currentDesk, pagesOf } from "./desks";

const Bell = lazy(async () => ({ default: (await import("@/features/notifications/bell")).Bell }));
const ConfirmBanner = lazy(async () => ({
  default: (await import("@/features/notifications/confirm_banner")).ConfirmBanner,
}));

/** As the authorization table of the API says it: whoever sends or pays. */
function mayReadBalance({ member_role }: Session): boolean {
  return member_role !== null && member_role !== "viewer" && member_role !== "editor";
}

export function Shell() {
  return (
    <DeskTools>
      <Desk />
    </DeskTools>
  );
}

/** The desk around every page behind a login: its navigation, its keys, its commands. */
function Desk() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const session = useSession();
  const desk = session === null ? null : currentDesk(session);
  const bleed = useMatches({
    select: (matches) => matches.some(({ staticData }) => staticData.bleed === true),
  });
  const bare = useMatches({
    select: (matches) => matches.some(({ staticData }) => staticData.bare === true),
  });
  const pages = useMemo(() => (session === null ? [] : pagesOf(session, desk)), [session, desk]);

  useShortcuts(
    pages.flatMap(({ keys, label, to }) =>
      keys === undefined ? [] : [{ keys, label: label(), run: (): void => void navigate({ to }) }],
    ),
  );

  const commands = useMemo(
    () => [
      ...pages.map(({ to, label, keys }) => ({
        id: `page ${to}`,
        label: label(),
        group: t("palette.go"),
        icon: PAGE_ICONS[to] ?? IconUserCircle,
        keys,
        run: (): void => void navigate({ to }),
      })),
      {
        id: "account",
        label: t("account.title"),
        group: t("palette.you"),
        icon: IconUserCircle,
        run: (): void => void navigate({ to: "/account" }),
      },
    ],
    [pages, navigate, t],
  );
  useCommands(commands);

  if (session === null) return null;
  if (bare) return <Outlet />;
  const isUnproven = !session.account.is_email_confirmed || session.tenant?.is_confirmed === false;
  return (
    <ShellFrame
      variant={desk === null || desk === "workspace" ? "nav" : "rail"}
      subtitle={session.tenant?.name}
      footer={desk === "workspace" && mayReadBalance(session) && <CreditsCard />}
      items={pages.map(({ to, label }) => ({
        to,
        label: label(),
        icon: PAGE_ICONS[to] ?? IconUserCircle,
        exact: pages.some((other) => other.to.startsWith(`${to}/`)),
      }))}
      bleed={bleed}
      banner={
        isUnproven && (
          <Suspense>
            <ConfirmBanner session={session} />
          </Suspense>
        )
      }
      menu={(compact) => (
        <>
          {desk === "workspace" && (
            <Suspense>
              <Bell />
            </Suspense>
          )}
          <AccountMenu session={session} desk={desk} compact={compact} />
        </>
      )}
    >
      <Outlet />
    </ShellFrame>
  );
}
