import { Button, Skeleton } from "@mantine/core";
import { IconGift, IconPlus } from "@tabler/icons-react";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { Kbd } from "@/ui/kbd";
import { PageHeader } from "@/ui/page_header";
import { useShortcuts } from "@/ui/shortcuts";
import { Delayed, ErrorState, PageSkeleton } from "@/ui/states";
import { TenantStatusPill } from "@/ui/tenant_status_pill";
import { BalanceStats } from "./balance_stats";
import type { Tenant } from "./billing";
import classes from "./billing.module.css";
import { GrantDialog } from "./grant_dialog";
import { LedgerTable } from "./ledger_table";
import { PendingTopUps } from "./pending_top_ups";
import { TopUpDialog } from "./top_up_dialog";

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

function Opened({ tenant }: { tenant: Tenant }) {
  const { t } = useTranslation();
  const { account = "available" } = route.useSearch();
  const navigate = route.useNavigate();
  const [dialog, setDialog] = useState<"reload" | "grant" | null>(null);
  const { data, error, refetch } = api.useQuery("get", "/v1/tenants/{tenant_id}/balance", {
    params: { path: { tenant_id: tenant.id } },
  });
  useShortcuts([
    { keys: "r", label: t("finance.reload"), run: () => setDialog("reload") },
    { keys: "f", label: t("finance.grant"), run: () => setDialog("grant") },
  ]);
  return (
    <>
      <PageHeader
        title={tenant.name}
        state={<TenantStatusPill status={tenant.status} />}
        trail={[
          <Link key="finance" to="/finance">
            {t("finance.title")}
          </Link>,
          tenant.name,
        ]}
        actions={
          <>
            <Button
              variant="default"
              leftSection={<IconGift size={16} aria-hidden />}
              rightSection={<Kbd keys="f" />}
              aria-keyshortcuts="f"
              onClick={() => setDialog("grant")}
            >
              {t("finance.grant")}
            </Button>
            <Button
              leftSection={<IconPlus size={16} aria-hidden />}
              rightSection={<Kbd keys="r" />}
              aria-keyshortcuts="r"
              onClick={() => setDialog("reload")}
            >
              {t("finance.reload")}
            </Button>
          </>
        }
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
        <LedgerTable
          tenantId={tenant.id}
          account={account}
          onAccount={(chosen) => void navigate({ search: { account: chosen }, replace: true })}
        />
      </div>
      {dialog === "reload" && (
        <TopUpDialog tenant={tenant} balance={data} onClose={() => setDialog(null)} />
      )}
      {dialog === "grant" && (
        <GrantDialog tenant={tenant} balance={data} onClose={() => setDialog(null)} />
      )}
    </>
  );
}
