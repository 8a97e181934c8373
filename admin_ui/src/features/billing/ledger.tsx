import { Button, SegmentedControl, Select, TextInput } from "@mantine/core";
import { IconDownload, IconFilterOff } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { api, client } from "@/api/client";
import { usePages } from "@/api/use_pages";
import { Section } from "@/ui/page_header";
import { Toolbar, ToolbarEnd, ToolbarSpan } from "@/ui/toolbar";
import { ROWS_PER_PAGE, SHOWN_ACCOUNTS, type StatementLine } from "./billing";
import classes from "./ledger.module.css";
import {
  csvAddress,
  dayOf,
  isFiltered,
  KINDS,
  type LedgerFilters,
  ledgerQuery,
} from "./ledger_filters";
import { LedgerLines } from "./ledger_table";

const SESSIONS_OFFERED_MAX = 100;

type Props = { filters: LedgerFilters; onFilters: (changed: Partial<LedgerFilters>) => void };

/** Every transfer once, by what it was, for which campaign and when; the same as a file. */
export function Ledger({ filters, onFilters }: Props) {
  const { t, i18n } = useTranslation("billing");
  const page = usePages<StatementLine>("/v1/ledger", filters, ({ cursor, signal }) =>
    client.GET("/v1/ledger", {
      params: { query: { ...ledgerQuery(filters), cursor, limit: ROWS_PER_PAGE } },
      signal,
    }),
  );
  const accounts = SHOWN_ACCOUNTS.map((value) => ({ value, label: i18n.t(`billing.${value}`) }));
  const kinds = KINDS.map((value) => ({ value, label: i18n.t(`transfer.${value}`) }));
  return (
    <Section
      title={i18n.t("billing.ledger")}
      flush
      aside={
        <>
          <SegmentedControl
            size="xs"
            aria-label={i18n.t("billing.account")}
            value={filters.account ?? "available"}
            onChange={(account) => onFilters({ account })}
            data={accounts}
          />
          <Button
            component="a"
            size="xs"
            variant="default"
            href={csvAddress(filters)}
            download
            leftSection={<IconDownload size={15} aria-hidden />}
          >
            {t("ledger.csv")}
          </Button>
        </>
      }
    >
      <Toolbar>
        <Select
          size="xs"
          aria-label={t("ledger.kind")}
          placeholder={t("ledger.any_kind")}
          clearable
          data={kinds}
          value={filters.kind ?? null}
          onChange={(kind) => onFilters({ kind: kind ?? undefined })}
        />
        <SessionFilter filters={filters} onFilters={onFilters} />
        <ToolbarSpan
          from={
            <TextInput
              className={classes.day}
              size="xs"
              type="date"
              aria-label={t("ledger.from")}
              value={filters.from ?? ""}
              max={filters.to}
              onChange={(event) => onFilters({ from: dayOf(event.currentTarget.value) })}
            />
          }
          to={
            <TextInput
              className={classes.day}
              size="xs"
              type="date"
              aria-label={t("ledger.to")}
              value={filters.to ?? ""}
              min={filters.from}
              onChange={(event) => onFilters({ to: dayOf(event.currentTarget.value) })}
            />
          }
        />
        {isFiltered(filters) && (
          <ToolbarEnd>
            <Button
              size="compact-xs"
              variant="subtle"
              leftSection={<IconFilterOff size={14} aria-hidden />}
              onClick={() =>
                onFilters({ kind: undefined, session: undefined, from: undefined, to: undefined })
              }
            >
              {t("ledger.clear")}
            </Button>
          </ToolbarEnd>
        )}
      </Toolbar>
      <LedgerLines page={page} isTenant isFiltered={isFiltered(filters)} />
    </Section>
  );
}

function SessionFilter({ filters, onFilters }: Props) {
  const { t, i18n } = useTranslation("billing");
  const { data } = api.useQuery("get", "/v1/sessions", {
    params: { query: { limit: SESSIONS_OFFERED_MAX } },
  });
  const sessions = (data?.items ?? []).map(({ id, campaign_name }) => ({
    value: id,
    label: campaign_name ?? i18n.t("billing.of_session", { id: id.slice(-6) }),
  }));
  const known = sessions.some(({ value }) => value === filters.session);
  // A link may name a session that is not among the newest.
  const named =
    filters.session === undefined || known
      ? sessions
      : [
          ...sessions,
          {
            value: filters.session,
            label: i18n.t("billing.of_session", { id: filters.session.slice(-6) }),
          },
        ];
  return (
    <Select
      size="xs"
      aria-label={t("ledger.session")}
      placeholder={t("ledger.any_session")}
      clearable
      searchable
      data={named}
      value={filters.session ?? null}
      onChange={(session) => onFilters({ session: session ?? undefined })}
    />
  );
}
