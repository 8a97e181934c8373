import { getRouteApi } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { NoPermission } from "@/ui/states";
import { usePays } from "./billing";
import { BillingFrame } from "./billing_frame";
import { DocumentsTable } from "./documents_table";
import { PurchasesTable } from "./purchases_table";

const route = getRouteApi("/shell/credits/documents");

/** What was bought, and the papers about it. */
export function DocumentsPage() {
  const { t } = useTranslation("billing");
  const { kind } = route.useSearch();
  const navigate = route.useNavigate();
  if (!usePays()) return <NoPermission grantedBy={t("granted_by")} />;
  return (
    <BillingFrame>
      <DocumentsTable
        kind={kind}
        onKind={(chosen) => void navigate({ search: { kind: chosen }, replace: true })}
      />
      <PurchasesTable />
    </BillingFrame>
  );
}
