import { Button, SegmentedControl } from "@mantine/core";
import { IconBuildingBank, IconUpload } from "@tabler/icons-react";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { usePages } from "@/api/use_pages";
import { type Column, DataTable } from "@/ui/data_table";
import { formatDay } from "@/ui/format";
import { Kbd } from "@/ui/kbd";
import { PageHeader, Section } from "@/ui/page_header";
import { useShortcuts } from "@/ui/shortcuts";
import { EmptyState, KeyHint } from "@/ui/states";
import { StatusPill } from "@/ui/status_pill";
import { ROWS_PER_PAGE } from "../billing";
import { BankFileDialog } from "./bank_file_dialog";
import { BankLinePanel } from "./bank_line_panel";
import { Entry, MoneyAmount } from "./cells";
import type { BankLine } from "./finance";
import classes from "./finance.module.css";

const route = getRouteApi("/shell/finance/matching");
const STATES = ["unmatched", "matched", "ignored"] as const;

/** Money that came to the bank, line by line, beside whose it may be. */
export function MatchingPage() {
  const { t } = useTranslation("finance");
  const { state = "unmatched" } = route.useSearch();
  const navigate = route.useNavigate();
  const panel = useRef<HTMLDivElement>(null);
  const [uploading, setUploading] = useState(false);
  const [chosen, choose] = useState<{ id: string; at: number } | null>(null);
  const page = usePages<BankLine>("/v1/bank-lines", { state }, ({ cursor, signal }) =>
    client.GET("/v1/bank-lines", {
      params: { query: { state, cursor, limit: ROWS_PER_PAGE } },
      signal,
    }),
  );
  const rows = page.rows ?? [];
  const found = rows.findIndex((row) => row.id === chosen?.id);
  // A line that was decided leaves the list: the next one takes its place.
  const at = found >= 0 ? found : Math.min(chosen?.at ?? 0, rows.length - 1);
  const opened = rows[at];
  const open = (row: BankLine) => choose({ id: row.id, at: rows.indexOf(row) });
  useShortcuts([{ keys: "u", label: t("matching.upload"), run: () => setUploading(true) }]);
  const columns = useColumns();
  return (
    <>
      <PageHeader
        title={t("matching.title")}
        actions={
          <>
            <span className={classes.hints}>
              <KeyHint keys="j">{t("matching.next_short")}</KeyHint>
              <KeyHint keys="k">{t("matching.previous_short")}</KeyHint>
            </span>
            <Button
              leftSection={<IconUpload size={16} aria-hidden />}
              rightSection={<Kbd keys="u" />}
              aria-keyshortcuts="u"
              onClick={() => setUploading(true)}
            >
              {t("matching.upload")}
            </Button>
          </>
        }
      />
      <div className={classes.split}>
        <Section
          flush
          title={t("matching.lines")}
          aside={
            <SegmentedControl
              size="xs"
              aria-label={t("state")}
              value={state}
              onChange={(value) => void navigate({ search: { state: value }, replace: true })}
              data={STATES.map((value) => ({ value, label: t(`line_state.${value}`) }))}
            />
          }
        >
          <DataTable
            {...page}
            label={t("matching.lines")}
            columns={columns}
            rowId={(row) => row.id}
            rowLabel={(row) => row.counterparty || row.remittance}
            keys
            openId={opened?.id}
            onMove={open}
            onOpen={(row) => {
              open(row);
              // On a phone it stands below the list.
              panel.current?.scrollIntoView({ block: "nearest" });
            }}
            empty={
              <EmptyState icon={IconBuildingBank} title={t("matching.none")}>
                {t("matching.none_text")}
              </EmptyState>
            }
          />
        </Section>
        {opened !== undefined && (
          <div ref={panel} className={classes.aside}>
            <BankLinePanel key={opened.id} line={opened} />
          </div>
        )}
      </div>
      {uploading && <BankFileDialog onClose={() => setUploading(false)} />}
    </>
  );
}

function useColumns(): Column<BankLine>[] {
  const { t, i18n } = useTranslation("finance");
  return useMemo(
    () => [
      {
        id: "who",
        header: t("matching.payer"),
        primary: true,
        cell: (row) => (
          <Entry title={row.counterparty || t("matching.unnamed")}>{row.remittance}</Entry>
        ),
      },
      {
        id: "day",
        header: t("matching.booked"),
        cell: (row) => formatDay(new Date(row.booked_on), i18n.language),
      },
      { id: "guess", header: t("matching.guess"), cell: (row) => <BestGuess line={row} /> },
      {
        id: "amount",
        header: t("money"),
        align: "end",
        cell: (row) => (
          <strong>
            <MoneyAmount minor={row.amount_minor} currency={row.currency} />
          </strong>
        ),
      },
    ],
    [t, i18n.language],
  );
}

const SURE_PERCENT = 90;

function BestGuess({ line }: { line: BankLine }) {
  const { t } = useTranslation("finance");
  if (line.state !== "unmatched") {
    const waits = line.top_up_state === "pending";
    return (
      <StatusPill tone={waits ? "warn" : line.state === "matched" ? "ok" : "idle"}>
        {waits ? t("top_up_state.pending") : t(`line_state.${line.state}`)}
      </StatusPill>
    );
  }
  const suggestions = line.suggestions ?? [];
  const [best, next] = suggestions;
  if (best === undefined) return <span className={classes.quiet}>{t("matching.no_guess")}</span>;
  if (next !== undefined && best.confidence < SURE_PERCENT) {
    return (
      <StatusPill tone="warn">{t("matching.guesses", { count: suggestions.length })}</StatusPill>
    );
  }
  return (
    <StatusPill tone={best.confidence >= SURE_PERCENT ? "ok" : "info"}>
      {best.tenant_name} {best.confidence}%
    </StatusPill>
  );
}
