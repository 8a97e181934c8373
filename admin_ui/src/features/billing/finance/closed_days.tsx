import { Button } from "@mantine/core";
import { IconCalendarCheck, IconLock } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { present } from "@/api/present";
import { useIntent } from "@/api/use_intent";
import { usePages, useRefresh } from "@/api/use_pages";
import { CreditAmount } from "@/ui/credit_amount";
import { type Column, DataTable } from "@/ui/data_table";
import { SidePanel } from "@/ui/dialog";
import { Facts } from "@/ui/facts";
import { formatInteger } from "@/ui/format";
import { Section } from "@/ui/page_header";
import { RelativeTime } from "@/ui/relative_time";
import { EmptyState, ErrorState } from "@/ui/states";
import { StatusPill } from "@/ui/status_pill";
import { Actor } from "./cells";
import { dayOf, daysBefore, shortDay } from "./days";
import type { ClosedDay } from "./finance";
import classes from "./finance.module.css";
import { KINDS } from "./tabs";

const DAYS_PER_PAGE = 31;
const RECONCILED_TONE = { agrees: "ok", differs: "bad", missing: "warn" } as const;

/** Days close one after the other, and a closed one is never opened again. */
export function ClosedDays() {
  const { t, i18n } = useTranslation("finance");
  const [opened, setOpened] = useState<ClosedDay | null>(null);
  const page = usePages<ClosedDay>("/v1/finance/days", {}, ({ cursor, signal }) =>
    client.GET("/v1/finance/days", { params: { query: { cursor, limit: DAYS_PER_PAGE } }, signal }),
  );
  const columns = useMemo<Column<ClosedDay>[]>(
    () => [
      {
        id: "day",
        header: t("report.day"),
        primary: true,
        cell: (row) => shortDay(row.day, i18n.language),
      },
      {
        id: "ledger",
        header: t("days.ledger"),
        cell: (row) => (
          <StatusPill tone={row.ledger_agrees ? "ok" : "bad"}>
            {row.ledger_agrees
              ? t("days.ledger_agrees")
              : t("days.violations", { count: row.violations_total })}
          </StatusPill>
        ),
      },
      {
        id: "reconciliation",
        header: t("days.tab_reconciliation"),
        cell: (row) => (
          <StatusPill tone={RECONCILED_TONE[row.reconciliation]}>
            {row.unresolved > 0
              ? t("days.unresolved", { count: row.unresolved })
              : t(`reconciled.${row.reconciliation}`)}
          </StatusPill>
        ),
      },
      {
        id: "transfers",
        header: t("days.transfers"),
        align: "end",
        cell: (row) => formatInteger(row.transfers, i18n.language),
      },
      {
        id: "liability",
        header: t("report.liability"),
        align: "end",
        cell: (row) => (
          <CreditAmount credits={row.liabilities.reduce((sum, { credits }) => sum + credits, 0)} />
        ),
      },
      {
        id: "closed",
        header: t("days.closed"),
        align: "end",
        cell: (row) => (
          <>
            <RelativeTime at={row.closed_at} /> · <Actor actor={row.closed_by} />
          </>
        ),
      },
    ],
    [t, i18n.language],
  );
  const [newest] = page.rows ?? [];
  return (
    <Section title={t("days.tab_days")} aside={<CloseNext newest={newest} />} flush>
      <DataTable
        {...page}
        label={t("days.tab_days")}
        columns={columns}
        rowId={(row) => row.day}
        rowLabel={(row) => row.day}
        keys
        onOpen={setOpened}
        empty={
          <EmptyState icon={IconCalendarCheck} title={t("days.none_closed")}>
            {t("days.none_closed_text")}
          </EmptyState>
        }
      />
      {opened !== null && <DayPanel day={opened} onClose={() => setOpened(null)} />}
    </Section>
  );
}

/** The clock does it by itself; a person may not want to wait for it. */
function CloseNext({ newest }: { newest: ClosedDay | undefined }) {
  const { t, i18n } = useTranslation("finance");
  const refresh = useRefresh();
  const closing = useIntent(
    async (day: string, headers) =>
      present(await client.POST("/v1/finance/days", { body: { day }, headers })),
    { onSuccess: () => refresh("/v1/finance") },
  );
  const yesterday = daysBefore(dayOf(new Date()), 1);
  const next = newest === undefined ? yesterday : daysBefore(newest.day, -1);
  if (next > yesterday) return <>{t("days.all_closed")}</>;
  return (
    <>
      {closing.isError && <ErrorState error={closing.error} compact />}
      <Button
        size="compact-sm"
        variant="default"
        leftSection={<IconLock size={14} aria-hidden />}
        loading={closing.isPending}
        onClick={() => closing.mutate(next)}
      >
        {t("days.close", { day: shortDay(next, i18n.language) })}
      </Button>
    </>
  );
}

function DayPanel({ day, onClose }: { day: ClosedDay; onClose: () => void }) {
  const { t, i18n } = useTranslation("finance");
  const { t: app } = useTranslation();
  const named = (kind: string) => {
    const known = KINDS.find((each) => each === kind);
    return known === undefined ? kind : app(`transfer.${known}`);
  };
  return (
    <SidePanel opened title={shortDay(day.day, i18n.language)} onClose={onClose}>
      <div className={classes.stack}>
        <Facts
          facts={[
            {
              label: t("days.tenants"),
              value: formatInteger(day.tenants, i18n.language),
            },
            ...day.movements.map((moved) => ({
              label: `${named(moved.kind)} (${formatInteger(moved.transfers, i18n.language)})`,
              value: <CreditAmount credits={moved.credits} />,
            })),
          ]}
        />
        <section>
          <h3>{t("report.liability_by_age")}</h3>
          <Facts
            facts={day.liabilities.map(({ age, credits }) => ({
              label: t(`age.${age}`),
              value: <CreditAmount credits={credits} />,
            }))}
          />
        </section>
        {day.violations.length > 0 && (
          <section>
            <h3>{t("days.violations", { count: day.violations_total })}</h3>
            <Facts
              facts={day.violations.map((one) => ({
                label: `${one.check} ${one.subject}`,
                value: `${one.expected} ≠ ${one.found}`,
              }))}
            />
          </section>
        )}
      </div>
    </SidePanel>
  );
}
