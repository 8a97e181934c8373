import { Tabs } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { type ComponentType, lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { PageHeader } from "@/ui/page_header";
import { PageSkeleton } from "@/ui/states";
import { RULES_TABS, type RulesTab } from "./search";

const route = getRouteApi("/shell/moderation/moderation/rules");

const PARTS: Record<RulesTab, ComponentType> = {
  content: lazy(async () => ({ default: (await import("./content_part")).ContentPart })),
  desk: lazy(async () => ({ default: (await import("./desk_rules_part")).DeskRulesPart })),
  conduct: lazy(async () => ({ default: (await import("./conduct_part")).ConductPart })),
  hosts: lazy(async () => ({ default: (await import("./hosts_part")).HostsPart })),
  trust: lazy(async () => ({ default: (await import("./trust_part")).TrustPart })),
};

/** What the desk goes by; everybody reads it, leads write it. */
export function RulesPage() {
  const { t } = useTranslation("lead");
  const { tab = RULES_TABS[0] } = route.useSearch();
  const navigate = route.useNavigate();
  const Part = PARTS[tab];
  return (
    <>
      <PageHeader title={t("title")} />
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(value) => {
          const chosen = RULES_TABS.find((one) => one === value);
          if (chosen !== undefined) void navigate({ search: { tab: chosen }, replace: true });
        }}
      >
        <Tabs.List mb="md">
          {RULES_TABS.map((each) => (
            <Tabs.Tab key={each} value={each}>
              {t(`tab.${each}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={tab}>
          <Suspense fallback={<PageSkeleton />}>
            <Part />
          </Suspense>
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
