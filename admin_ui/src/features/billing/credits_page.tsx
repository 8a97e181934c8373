import { Skeleton } from "@mantine/core";
import { IconCoins } from "@tabler/icons-react";
import { getRouteApi } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { PageHeader, Section } from "@/ui/page_header";
import { Delayed, EmptyState, ErrorState } from "@/ui/states";
import { BalanceStats } from "./balance_stats";
import { useSeesLedger } from "./billing";
import classes from "./billing.module.css";
import { LedgerTable } from "./ledger_table";

const route = getRouteApi("/shell/credits");
// Sends spend while one looks.
const POLL_INTERVAL_MS = 15_000;

export function CreditsPage() {
  const { t } = useTranslation();
  const { account = "available" } = route.useSearch();
  const navigate = route.useNavigate();
  const seesLedger = useSeesLedger();
  const { data, error, refetch } = api.useQuery(
    "get",
    "/v1/balance",
    {},
    { refetchInterval: POLL_INTERVAL_MS },
  );
  const isNew =
    data !== undefined && data.available + data.held + data.spent_total + data.frozen === 0;
  return (
    <>
      <PageHeader title={t("billing.title")} />
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
        {isNew && (
          <Section>
            <EmptyState icon={IconCoins} title={t("billing.zero")}>
              {t("billing.zero_text")}
            </EmptyState>
          </Section>
        )}
        {seesLedger && !isNew && (
          <LedgerTable
            account={account}
            onAccount={(chosen) => void navigate({ search: { account: chosen }, replace: true })}
          />
        )}
      </div>
    </>
  );
}
