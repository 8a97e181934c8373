import { getRouteApi } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { PageHeader } from "@/ui/page_header";
import { TabBar } from "@/ui/tab_bar";
import { ClosedDays } from "./closed_days";
import { DayState } from "./day_state";
import { ReconciliationPart } from "./reconciliation_part";
import { DAY_TABS } from "./tabs";

const route = getRouteApi("/shell/finance/days");

/** Whether the books agree, day by day. */
export function DaysPage() {
  const { t } = useTranslation("finance");
  const { tab = "days" } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <>
      <PageHeader title={t("days.title")} state={<DayState />} />
      <TabBar
        tabs={DAY_TABS}
        value={tab}
        label={(each) => t(`days.tab_${each}`)}
        onChange={(chosen) => void navigate({ search: { tab: chosen }, replace: true })}
      >
        {tab === "days" ? <ClosedDays /> : <ReconciliationPart />}
      </TabBar>
    </>
  );
}
