import { getRouteApi } from "@tanstack/react-router";
import { lazy } from "react";
import { useTranslation } from "react-i18next";
import { PageHeader } from "@/ui/page_header";
import { TabBar } from "@/ui/tab_bar";
import { PRICE_TABS } from "./tabs";

const route = getRouteApi("/shell/finance/prices");

const PARTS = {
  tariffs: lazy(async () => ({ default: (await import("./tariffs_part")).TariffsPart })),
  lists: lazy(async () => ({ default: (await import("./price_lists_part")).PriceListsPart })),
};

/** What credits cost in money, and what a message costs in credits. */
export function PricesPage() {
  const { t } = useTranslation("finance");
  const { tab = "tariffs" } = route.useSearch();
  const navigate = route.useNavigate();
  const Part = PARTS[tab];
  return (
    <>
      <PageHeader title={t("prices.title")} />
      <TabBar
        tabs={PRICE_TABS}
        value={tab}
        label={(each) => t(`prices.tab_${each}`)}
        onChange={(chosen) => void navigate({ search: { tab: chosen }, replace: true })}
      >
        <Part />
      </TabBar>
    </>
  );
}
