import {
  IconAddressBook,
  IconAntennaBars5,
  IconBan,
  IconBuilding,
  IconBuildingBank,
  IconChartBar,
  IconFileImport,
  IconGavel,
  IconHistory,
  IconInbox,
  IconKey,
  IconScale,
  IconSend,
  IconServerCog,
  IconTemplate,
  IconUsers,
  IconUsersGroup,
  IconWallet,
  type TablerIcon,
} from "@tabler/icons-react";
import type { Desk } from "@/api/session";

/** Apart from desks.ts: the first visit decides where to go and draws no icon of a desk yet. */
export const PAGE_ICONS: Readonly<Record<string, TablerIcon>> = {
  "/campaigns": IconSend,
  "/subscribers": IconUsers,
  "/groups": IconUsersGroup,
  "/imports": IconFileImport,
  "/opt-outs": IconBan,
  "/templates": IconTemplate,
  "/senders": IconAddressBook,
  "/credits": IconWallet,
  "/settings": IconKey,
  "/moderation": IconInbox,
  "/moderation/decisions": IconHistory,
  "/moderation/matters": IconScale,
  "/moderation/numbers": IconChartBar,
  "/moderation/rules": IconGavel,
  "/sending": IconSend,
  "/tenants": IconBuilding,
  "/gateways": IconAntennaBars5,
  "/finance": IconBuildingBank,
};

export const DESK_ICONS: Record<Desk, TablerIcon> = {
  workspace: IconSend,
  moderation: IconInbox,
  finance: IconBuildingBank,
  platform: IconServerCog,
};
