import { getRouteApi } from "@tanstack/react-router";
import { type ComponentType, lazy } from "react";
import { useTranslation } from "react-i18next";
import { PageHeader } from "@/ui/page_header";
import { TabBar } from "@/ui/tab_bar";
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
      <TabBar
        tabs={RULES_TABS}
        value={tab}
        label={(each) => t(`tab.${each}`)}
        onChange={(chosen) => void navigate({ search: { tab: chosen }, replace: true })}
      >
        <Part />
      </TabBar>
    </>
  );
}
