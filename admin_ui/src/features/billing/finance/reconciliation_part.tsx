import { Button, Select } from "@mantine/core";
import { IconRefresh, IconScaleOutline } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import type { components } from "@/api/schema";
import { useIntent } from "@/api/use_intent";
import { usePages, useRefresh } from "@/api/use_pages";
import { CreditAmount } from "@/ui/credit_amount";
import { type Column, DataTable } from "@/ui/data_table";
import { formatInteger } from "@/ui/format";
import { Section } from "@/ui/page_header";
import { ReasonDialog } from "@/ui/reason_dialog";
import { RelativeTime } from "@/ui/relative_time";
import { Stat, StatRow } from "@/ui/stat";
import { EmptyState, ErrorState } from "@/ui/states";
import { StatusPill } from "@/ui/status_pill";
import { formatMoney } from "../money";
import { Entry, TenantLink } from "./cells";
import { dayOf, daysBefore, shortDay } from "./days";
import { type Reconciliation, useTenantNames } from "./finance";
import classes from "./finance.module.css";

type Item = components["schemas"]["Item"];
type GatewayDay = components["schemas"]["GatewayDay"];

const DAYS_PER_PAGE = 31;

/** Stripe, the ledger and the gateways say the same of a day, or each difference gets its note. */
export function ReconciliationPart() {
  const { t, i18n } = useTranslation("finance");
  const [chosen, setChosen] = useState<string | null>(null);
  const page = usePages<Reconciliation>("/v1/finance/reconciliations", {}, ({ cursor, signal }) =>
    client.GET("/v1/finance/reconciliations", {
      params: { query: { cursor, limit: DAYS_PER_PAGE } },
      signal,
    }),
  );
  const days = page.rows ?? [];
  const shown = days.find(({ day }) => day === chosen) ?? days[0];
  return (
    <div className={classes.stack}>
      <div className={classes.filters}>
        {days.length > 0 && (
          <Select
            aria-label={t("report.day")}
            allowDeselect={false}
            value={shown?.day ?? null}
            onChange={setChosen}
            data={days.map(({ day, unresolved }) => ({
              value: day,
              label:
                unresolved > 0
                  ? `${shortDay(day, i18n.language)} · ${t("days.unresolved", { count: unresolved })}`
                  : shortDay(day, i18n.language),
            }))}
          />
        )}
        <Again day={shown?.day ?? daysBefore(dayOf(new Date()), 1)} />
      </div>
      {page.rows === undefined && page.error !== null && (
        <ErrorState error={page.error} onRetry={page.onRetry} />
      )}
      {page.rows?.length === 0 && (
        <Section>
          <EmptyState icon={IconScaleOutline} title={t("reconciliation.none")}>
            {t("reconciliation.none_text")}
          </EmptyState>
        </Section>
      )}
      {shown !== undefined && <Compared of={shown} />}
    </div>
  );
}

function Again({ day }: { day: string }) {
  const { t, i18n } = useTranslation("finance");
  const refresh = useRefresh();
  const comparing = useIntent(
    (given: string, headers) =>
      client.POST("/v1/finance/reconciliations", { body: { day: given }, headers }),
    { onSuccess: () => refresh("/v1/finance") },
  );
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconRefresh size={15} aria-hidden />}
        loading={comparing.isPending}
        onClick={() => comparing.mutate(day)}
      >
        {t("reconciliation.compare", { day: shortDay(day, i18n.language) })}
      </Button>
      {comparing.isError && <ErrorState error={comparing.error} compact />}
    </>
  );
}

function Compared({ of }: { of: Reconciliation }) {
  const { t, i18n } = useTranslation("finance");
  const number = (value: number) => formatInteger(value, i18n.language);
  return (
    <>
      <StatRow label={t("reconciliation.sides")}>
        <Stat
          label={t("reconciliation.payments")}
          value={of.is_stripe_asked ? number(of.payments) : "–"}
          note={
            of.is_stripe_asked
              ? t("reconciliation.refunds", { count: of.refunds })
              : t("reconciliation.not_asked")
          }
        />
        <Stat
          label={t("reconciliation.top_ups")}
          value={number(of.top_ups)}
          note={t("reconciliation.top_ups_note")}
        />
        <Stat
          label={t("reconciliation.captured")}
          value={<CreditAmount credits={of.captured_credits} />}
          note={t("reconciliation.captured_note")}
        />
        <Stat
          label={t("reconciliation.charged")}
          value={<CreditAmount credits={of.charged_credits} />}
          note={t("reconciliation.charged_note")}
        />
        <Stat
          label={t("reconciliation.unresolved")}
          value={number(of.unresolved)}
          note={of.unresolved === 0 ? t("reconciliation.agrees") : t("reconciliation.look")}
          tone={of.unresolved === 0 ? "ok" : "bad"}
        />
      </StatRow>
      <Items of={of} />
      {of.gateways.length > 0 && <Gateways rows={of.gateways} />}
      <p className={classes.quiet}>
        {t("reconciliation.run", { run: of.run })} <RelativeTime at={of.made_at} />
      </p>
    </>
  );
}

function Items({ of }: { of: Reconciliation }) {
  const { t, i18n } = useTranslation("finance");
  const names = useTenantNames(of.items);
  const columns = useMemo<Column<Item>[]>(() => {
    const figure = (value: number, unit: string) => {
      if (/^[A-Z]{3}$/.test(unit)) return formatMoney(value, unit, i18n.language);
      return `${formatInteger(value, i18n.language)} ${unit}`;
    };
    return [
      {
        id: "kind",
        header: t("reconciliation.item"),
        primary: true,
        cell: (row) => (
          <Entry title={t(`item.${row.kind as "payment_amount"}`, { defaultValue: row.kind })}>
            <span className="mono">{row.subject}</span>
          </Entry>
        ),
      },
      {
        id: "tenant",
        header: t("tenant"),
        cell: (row) => <TenantLink id={row.tenant_id} names={names} />,
      },
      {
        id: "expected",
        header: t("reconciliation.expected"),
        align: "end",
        cell: (row) => <span className="tabular nowrap">{figure(row.expected, row.unit)}</span>,
      },
      {
        id: "found",
        header: t("reconciliation.found"),
        align: "end",
        cell: (row) => <span className="tabular nowrap">{figure(row.found, row.unit)}</span>,
      },
      {
        id: "note",
        header: t("reconciliation.note"),
        align: "end",
        cell: (row) => {
          if (row.is_gone) return <StatusPill tone="ok">{t("reconciliation.gone")}</StatusPill>;
          if (row.note !== null) return row.note;
          return <Explain day={of.day} item={row} />;
        },
      },
    ];
  }, [t, i18n.language, names, of.day]);
  return (
    <Section title={t("reconciliation.items")} flush>
      <DataTable
        label={t("reconciliation.items")}
        columns={columns}
        rows={of.items}
        rowId={(row) => `${row.kind} ${row.subject}`}
        rowLabel={(row) => row.subject}
        empty={<p className={classes.plain}>{t("reconciliation.nothing_differs")}</p>}
      />
    </Section>
  );
}

function Explain({ day, item }: { day: string; item: Item }) {
  const { t } = useTranslation("finance");
  const [asked, setAsked] = useState(false);
  const refresh = useRefresh();
  const explaining = useIntent(
    (note: string, headers) =>
      client.POST("/v1/finance/reconciliations/{day}/resolve", {
        params: { path: { day } },
        body: { kind: item.kind, subject: item.subject, note },
        headers,
      }),
    {
      onSuccess: async () => {
        await refresh("/v1/finance");
        setAsked(false);
      },
    },
  );
  return (
    <>
      <Button size="compact-sm" variant="default" onClick={() => setAsked(true)}>
        {t("reconciliation.explain")}
      </Button>
      {asked && (
        <ReasonDialog
          title={t("reconciliation.explain")}
          text={t("reconciliation.explain_text")}
          label={t("reconciliation.note")}
          confirm={t("reconciliation.explain")}
          pending={explaining.isPending}
          error={explaining.error}
          onClose={() => setAsked(false)}
          onConfirm={(note) => explaining.mutate(note)}
        />
      )}
    </>
  );
}

function Gateways({ rows }: { rows: readonly GatewayDay[] }) {
  const { t, i18n } = useTranslation("finance");
  const columns = useMemo<Column<GatewayDay>[]>(() => {
    const figure = (
      id: "messages" | "segments" | "metered_segments" | "charged_credits",
    ): Column<GatewayDay> => ({
      id,
      header: t(`gateway_day.${id}`),
      align: "end",
      cell: (row) => formatInteger(row[id], i18n.language),
    });
    return [
      {
        id: "gateway",
        header: t("gateway_day.gateway"),
        primary: true,
        cell: (row) => row.gateway_name,
      },
      figure("messages"),
      figure("segments"),
      figure("metered_segments"),
      figure("charged_credits"),
    ];
  }, [t, i18n.language]);
  return (
    <Section title={t("gateway_day.title")} flush>
      <DataTable
        label={t("gateway_day.title")}
        columns={columns}
        rows={rows}
        rowId={(row) => row.gateway_id}
        rowLabel={(row) => row.gateway_name}
        empty={null}
      />
    </Section>
  );
}
