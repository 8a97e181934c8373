import { Tabs } from "@mantine/core";
import { IconClockHour4, IconDeviceMobileCheck, IconKey, IconUsers } from "@tabler/icons-react";
import { getRouteApi } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { PageHeader } from "@/ui/page_header";
import { ApiKeys } from "./api_keys";
import { Members } from "./members";
import { OwnNumber } from "./own_number";

const route = getRouteApi("/shell/settings");

export const SETTINGS_TABS = ["keys", "members", "number"] as const;
export type SettingsTab = (typeof SETTINGS_TABS)[number];

export function SettingsPage() {
  const { t } = useTranslation(["app", "targeting"]);
  const { tab = "keys" } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <>
      <PageHeader title={t("settings.title")} />
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(value) => {
          // When and how often: a page of the audience's own.
          if (value === "sending") void navigate({ to: "/sending-settings" });
          const chosen = SETTINGS_TABS.find((one) => one === value);
          if (chosen !== undefined) void navigate({ search: { tab: chosen }, replace: true });
        }}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="keys" leftSection={<IconKey size={16} aria-hidden />}>
            {t("settings.keys")}
          </Tabs.Tab>
          <Tabs.Tab value="members" leftSection={<IconUsers size={16} aria-hidden />}>
            {t("settings.members")}
          </Tabs.Tab>
          <Tabs.Tab value="number" leftSection={<IconDeviceMobileCheck size={16} aria-hidden />}>
            {t("number.title")}
          </Tabs.Tab>
          <Tabs.Tab value="sending" leftSection={<IconClockHour4 size={16} aria-hidden />}>
            {t("targeting:settings.title")}
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="keys">
          <ApiKeys />
        </Tabs.Panel>
        <Tabs.Panel value="members">
          <Members />
        </Tabs.Panel>
        <Tabs.Panel value="number">
          <OwnNumber />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
