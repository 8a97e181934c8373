import { Button, Skeleton } from "@mantine/core";
import { IconFileInvoice, IconGift, IconPlus, IconReceiptRefund } from "@tabler/icons-react";
import { getRouteApi, Link } from "@tanstack/react-router";
import { type ComponentType, lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { Kbd } from "@/ui/kbd";
import { PageHeader } from "@/ui/page_header";
import { useShortcuts } from "@/ui/shortcuts";
import { Delayed, ErrorState, PageSkeleton } from "@/ui/states";
import { TabBar } from "@/ui/tab_bar";
import { TenantStatusPill } from "@/ui/tenant_status_pill";
import { BalanceStats } from "../balance_stats";
import type { Tenant } from "../billing";
import { WAITING_POLL_MS } from "./finance";
import classes from "./finance.module.css";
import { PendingTopUps } from "./pending_top_ups";
import { TENANT_TABS, type TenantTab } from "./tabs";

const TopUpDialog = lazy(async () => ({ default: (await import("./top_up_dialog")).TopUpDialog }));
const GrantDialog = lazy(async () => ({ default: (await import("./grant_dialog")).GrantDialog }));
const RefundDialog = lazy(async () => ({
  default: (await import("./refund_dialog")).RefundDialog,
}));
const InvoiceDialog = lazy(async () => ({
  default: (await import("./invoice_dialog")).InvoiceDialog,
}));

const PARTS: Record<TenantTab, ComponentType<{ tenant: Tenant }>> = {
  ledger: lazy(async () => ({ default: (await import("./ledger_part")).LedgerPart })),
  lots: lazy(async () => ({ default: (await import("./lots_part")).LotsPart })),
  top_ups: lazy(async () => ({ default: (await import("./top_ups_part")).TopUpsPart })),
  purchases: lazy(async () => ({ default: (await import("./purchases_part")).PurchasesPart })),
  documents: lazy(async () => ({ default: (await import("./tenant_documents")).TenantDocuments })),
  terms: lazy(async () => ({ default: (await import("./terms_part")).TermsPart })),
};

const route = getRouteApi("/shell/finance/tenants/$tenantId");

export function TenantMoneyPage() {
  const { tenantId } = route.useParams();
  const { data, error, refetch } = api.useQuery("get", "/v1/tenants/{tenant_id}", {
    params: { path: { tenant_id: tenantId } },
  });
  if (data !== undefined) return <Opened tenant={data} />;
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  return <PageSkeleton />;
}

type Act = "reload" | "grant" | "refund" | "invoice";

function Opened({ tenant }: { tenant: Tenant }) {
  const { t } = useTranslation("finance");
  const { tab = "ledger" } = route.useSearch();
  const navigate = route.useNavigate();
  const [act, setAct] = useState<Act | null>(null);
  const { data, error, refetch } = api.useQuery(
    "get",
    "/v1/tenants/{tenant_id}/balance",
    { params: { path: { tenant_id: tenant.id } } },
    { refetchInterval: WAITING_POLL_MS },
  );
  const Part = PARTS[tab];
  const onClose = () => setAct(null);
  return (
    <>
      <PageHeader
        title={tenant.name}
        state={<TenantStatusPill status={tenant.status} />}
        trail={[
          <Link key="finance" to="/finance">
            {t("title")}
          </Link>,
          tenant.name,
        ]}
        actions={<Acts onAct={setAct} />}
      />
      <div className={classes.stack}>
        {data !== undefined && <BalanceStats balance={data} />}
        {data === undefined && error === null && (
          <Delayed>
            <Skeleton height={98} radius="lg" />
          </Delayed>
        )}
        {data === undefined && error !== null && (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )}
        <PendingTopUps tenantId={tenant.id} />
        <TabBar
          tabs={TENANT_TABS}
          value={tab}
          label={(each) => t(`tab.${each}`)}
          onChange={(chosen) => void navigate({ search: { tab: chosen }, replace: true })}
        >
          <Part tenant={tenant} />
        </TabBar>
      </div>
      <Suspense fallback={null}>
        {act === "reload" && <TopUpDialog tenant={tenant} balance={data} onClose={onClose} />}
        {act === "grant" && <GrantDialog tenant={tenant} balance={data} onClose={onClose} />}
        {act === "refund" && <RefundDialog tenant={tenant} onClose={onClose} />}
        {act === "invoice" && <InvoiceDialog tenant={tenant} onClose={onClose} />}
      </Suspense>
    </>
  );
}

/** Each says its key; the same keys everywhere on the desk. */
function Acts({ onAct }: { onAct: (act: Act) => void }) {
  const { t } = useTranslation("finance");
  useShortcuts([
    { keys: "r", label: t("reload"), run: () => onAct("reload") },
    { keys: "i", label: t("invoice.verb"), run: () => onAct("invoice") },
    { keys: "f", label: t("refund.verb"), run: () => onAct("refund") },
  ]);
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconGift size={16} aria-hidden />}
        onClick={() => onAct("grant")}
      >
        {t("grant")}
      </Button>
      <Button
        variant="default"
        leftSection={<IconReceiptRefund size={16} aria-hidden />}
        rightSection={<Kbd keys="f" />}
        aria-keyshortcuts="f"
        onClick={() => onAct("refund")}
      >
        {t("refund.verb")}
      </Button>
      <Button
        variant="default"
        leftSection={<IconFileInvoice size={16} aria-hidden />}
        rightSection={<Kbd keys="i" />}
        aria-keyshortcuts="i"
        onClick={() => onAct("invoice")}
      >
        {t("invoice.verb")}
      </Button>
      <Button
        leftSection={<IconPlus size={16} aria-hidden />}
        rightSection={<Kbd keys="r" />}
        aria-keyshortcuts="r"
        onClick={() => onAct("reload")}
      >
        {t("reload")}
      </Button>
    </>
  );
}
