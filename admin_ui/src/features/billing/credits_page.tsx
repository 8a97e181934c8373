import { Button, Skeleton } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { getRouteApi, Link, Navigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { Delayed, ErrorState } from "@/ui/states";
import { BalanceStats } from "./balance_stats";
import { usePays, useSeesLedger } from "./billing";
import { BillingFrame } from "./billing_frame";
import { FirstCredits } from "./first_credits";
import { Ledger } from "./ledger";
import { Outlook } from "./outlook";
import { PurchaseReturn } from "./purchase_return";

const route = getRouteApi("/shell/credits");
// Sends spend while one looks.
const POLL_INTERVAL_MS = 15_000;

/** What is there, how long it lasts, where it went; each role as far as it may see. */
export function CreditsPage() {
  const { t } = useTranslation("billing");
  const { purchase, cancelled = false, card, ...filters } = route.useSearch();
  const navigate = route.useNavigate();
  const seesLedger = useSeesLedger();
  const pays = usePays();
  const { data, error, refetch } = api.useQuery(
    "get",
    "/v1/balance",
    {},
    { refetchInterval: POLL_INTERVAL_MS },
  );
  if (card === "saved" && pays) return <Navigate to="/credits/auto-reload" search={{ card }} />;
  const isNew =
    data !== undefined && data.available + data.held + data.spent_total + data.frozen === 0;
  return (
    <BillingFrame
      actions={
        pays && (
          <Button
            renderRoot={(props) => <Link to="/credits/buy" {...props} />}
            leftSection={<IconPlus size={16} aria-hidden />}
          >
            {t("buy.action")}
          </Button>
        )
      }
    >
      {purchase !== undefined && pays && (
        <PurchaseReturn
          key={purchase}
          purchaseId={purchase}
          cancelled={cancelled}
          onClose={() => void navigate({ search: filters, replace: true })}
        />
      )}
      {data !== undefined && <BalanceStats balance={data} />}
      {data === undefined && error === null && (
        <Delayed>
          <Skeleton height={98} radius="lg" />
        </Delayed>
      )}
      {data === undefined && error !== null && (
        <ErrorState error={error} onRetry={() => void refetch()} />
      )}
      {isNew && <FirstCredits />}
      {data !== undefined && !isNew && <Outlook seesSpending={seesLedger} />}
      {seesLedger && !isNew && (
        <Ledger
          filters={filters}
          onFilters={(chosen) =>
            void navigate({ search: { ...filters, ...chosen }, replace: true })
          }
        />
      )}
    </BillingFrame>
  );
}
