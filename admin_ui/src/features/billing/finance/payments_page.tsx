import { Button, Switch } from "@mantine/core";
import { IconCircleCheck, IconScale } from "@tabler/icons-react";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { useIntent } from "@/api/use_intent";
import { usePages, useRefresh } from "@/api/use_pages";
import { type Column, DataTable } from "@/ui/data_table";
import { PageHeader, Section } from "@/ui/page_header";
import { ReasonDialog } from "@/ui/reason_dialog";
import { RelativeTime } from "@/ui/relative_time";
import { EmptyState } from "@/ui/states";
import { StatusPill } from "@/ui/status_pill";
import { TabBar } from "@/ui/tab_bar";
import { ROWS_PER_PAGE } from "../billing";
import { Entry, MoneyAmount, TenantLink } from "./cells";
import { type Dispute, type PaymentProblem, useTenantNames } from "./finance";
import { DisputePill } from "./pills";
import { factsText } from "./problem_facts";
import { PAYMENT_TABS } from "./tabs";

const route = getRouteApi("/shell/finance/payments");

/** What came from Stripe and needs a person: disputes, and what nobody could book. */
export function PaymentsPage() {
  const { t } = useTranslation("finance");
  const { tab = "disputes" } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <>
      <PageHeader title={t("payments.title")} />
      <TabBar
        tabs={PAYMENT_TABS}
        value={tab}
        label={(each) => t(`payments.${each}`)}
        onChange={(chosen) => void navigate({ search: { tab: chosen }, replace: true })}
      >
        {tab === "disputes" ? <Disputes /> : <Problems />}
      </TabBar>
    </>
  );
}

function Disputes() {
  const { t } = useTranslation("finance");
  const navigate = useNavigate();
  const page = usePages<Dispute>("/v1/disputes", {}, ({ cursor, signal }) =>
    client.GET("/v1/disputes", { params: { query: { cursor, limit: ROWS_PER_PAGE } }, signal }),
  );
  const names = useTenantNames(page.rows ?? []);
  const columns = useMemo<Column<Dispute>[]>(
    () => [
      {
        id: "tenant",
        header: t("tenant"),
        primary: true,
        cell: (row) => (
          <Entry title={names.get(row.tenant_id) ?? "…"}>
            <span className="mono">{row.id}</span>
          </Entry>
        ),
      },
      { id: "state", header: t("state"), cell: (row) => <DisputePill state={row.state} /> },
      { id: "reason", header: t("reason"), cell: (row) => row.reason.replaceAll("_", " ") },
      {
        id: "opened",
        header: t("payments.opened"),
        cell: (row) => <RelativeTime at={row.opened_at} />,
      },
      {
        id: "amount",
        header: t("money"),
        align: "end",
        cell: (row) => <MoneyAmount minor={row.amount_minor} currency={row.currency} />,
      },
    ],
    [t, names],
  );
  return (
    <Section flush label={t("payments.disputes")}>
      <DataTable
        {...page}
        label={t("payments.disputes")}
        columns={columns}
        rowId={(row) => row.id}
        rowLabel={(row) => row.id}
        keys
        onOpen={(row) =>
          void navigate({
            to: "/finance/tenants/$tenantId",
            params: { tenantId: row.tenant_id },
            search: { tab: "purchases" },
          })
        }
        empty={
          <EmptyState icon={IconScale} title={t("payments.no_disputes")}>
            {t("payments.no_disputes_text")}
          </EmptyState>
        }
      />
    </Section>
  );
}

function Problems() {
  const { t } = useTranslation("finance");
  const [isOpen, setOpen] = useState(true);
  const page = usePages<PaymentProblem>("/v1/payment-problems", { isOpen }, ({ cursor, signal }) =>
    client.GET("/v1/payment-problems", {
      params: { query: { is_open: isOpen, cursor, limit: ROWS_PER_PAGE } },
      signal,
    }),
  );
  const names = useTenantNames(page.rows ?? []);
  const columns = useMemo<Column<PaymentProblem>[]>(
    () => [
      {
        id: "kind",
        header: t("payments.problem"),
        primary: true,
        cell: (row) => (
          <Entry title={t(`problem_kind.${row.kind}`)}>
            <span className="mono">{row.reference}</span> {factsText(row.facts)}
          </Entry>
        ),
      },
      {
        id: "tenant",
        header: t("tenant"),
        cell: (row) => <TenantLink id={row.tenant_id} names={names} tab="purchases" />,
      },
      {
        id: "seen",
        header: t("payments.seen"),
        cell: (row) => <RelativeTime at={row.seen_at} />,
      },
      {
        id: "resolved",
        header: "",
        align: "end",
        cell: (row) =>
          row.resolved_at === null ? (
            <Resolve problem={row} />
          ) : (
            <StatusPill tone="ok">{row.resolution}</StatusPill>
          ),
      },
    ],
    [t, names],
  );
  return (
    <Section
      flush
      title={t("payments.problems")}
      aside={
        <Switch
          size="xs"
          label={t("payments.only_open")}
          checked={isOpen}
          onChange={(event) => setOpen(event.currentTarget.checked)}
        />
      }
    >
      <DataTable
        {...page}
        label={t("payments.problems")}
        columns={columns}
        rowId={(row) => row.id}
        rowLabel={(row) => row.reference}
        empty={
          <EmptyState icon={IconCircleCheck} title={t("payments.no_problems")}>
            {t("payments.no_problems_text")}
          </EmptyState>
        }
      />
    </Section>
  );
}

function Resolve({ problem }: { problem: PaymentProblem }) {
  const { t } = useTranslation("finance");
  const [asked, setAsked] = useState(false);
  const refresh = useRefresh();
  const resolving = useIntent(
    (resolution: string, headers) =>
      client.POST("/v1/payment-problems/{problem_id}/resolve", {
        params: { path: { problem_id: problem.id } },
        body: { resolution },
        headers,
      }),
    {
      onSuccess: async () => {
        await refresh("/v1/payment-problems", "/v1/finance");
        setAsked(false);
      },
    },
  );
  return (
    <>
      <Button
        size="compact-sm"
        variant="default"
        aria-label={`${t("payments.resolve")}: ${problem.reference}`}
        onClick={() => setAsked(true)}
      >
        {t("payments.resolve")}
      </Button>
      {asked && (
        <ReasonDialog
          title={t(`problem_kind.${problem.kind}`)}
          text={t("payments.resolve_text")}
          label={t("payments.resolution")}
          confirm={t("payments.resolve")}
          pending={resolving.isPending}
          error={resolving.error}
          onClose={() => setAsked(false)}
          onConfirm={(resolution) => resolving.mutate(resolution)}
        />
      )}
    </>
  );
}
