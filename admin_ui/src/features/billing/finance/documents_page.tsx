import { getRouteApi } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { PageHeader } from "@/ui/page_header";
import { TabBar } from "@/ui/tab_bar";
import { DocumentTable } from "./document_table";
import { SellersPart } from "./sellers_part";
import { DOCUMENT_TABS } from "./tabs";

const route = getRouteApi("/shell/finance/documents");

export function DocumentsPage() {
  const { t } = useTranslation("finance");
  const { tab = "documents", state } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <>
      <PageHeader title={t("documents.title")} />
      <TabBar
        tabs={DOCUMENT_TABS}
        value={tab}
        label={(each) => t(`documents.tab_${each}`)}
        onChange={(chosen) => void navigate({ search: { tab: chosen }, replace: true })}
      >
        {tab === "documents" ? <DocumentTable key={state} first={state} /> : <SellersPart />}
      </TabBar>
    </>
  );
}
