import { IconReceipt } from "@tabler/icons-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Rows } from "@/api/use_pages";
import { CreditAmount } from "@/ui/credit_amount";
import { type Column, DataTable } from "@/ui/data_table";
import { RelativeTime } from "@/ui/relative_time";
import { EmptyState } from "@/ui/states";
import type { StatementLine } from "./billing";
import classes from "./billing.module.css";
import { EntryWords } from "./entry_words";

type LinesProps = { page: Rows<StatementLine>; isTenant?: boolean; isFiltered?: boolean };

/** The lines themselves, for a tenant of its own ledger and for finance of any. */
export function LedgerLines({ page, isTenant = false, isFiltered = false }: LinesProps) {
  const { t } = useTranslation();
  const { t: said } = useTranslation("billing");
  const columns = useLedgerColumns(isTenant);
  return (
    <DataTable
      {...page}
      label={t("billing.ledger")}
      columns={columns}
      rowId={(row) => `${row.number} ${row.transfer_id}`}
      rowLabel={(row) => row.reference}
      empty={
        <EmptyState
          icon={IconReceipt}
          title={isFiltered ? said("ledger.none_here") : t("billing.no_lines")}
        >
          {isFiltered ? said("ledger.none_here_text") : t("billing.no_lines_text")}
        </EmptyState>
      }
    />
  );
}

/** What every view of a ledger shows; `by` adds whose doing a line was. */
export function useLedgerColumns(
  isTenant: boolean,
  by?: Column<StatementLine>,
): Column<StatementLine>[] {
  const { t } = useTranslation();
  return useMemo(
    () => [
      {
        id: "what",
        header: t("billing.what"),
        primary: true,
        cell: (row) => <EntryWords line={row} isTenant={isTenant} />,
      },
      {
        id: "when",
        header: t("billing.when"),
        cell: (row) => <RelativeTime at={row.created_at} />,
      },
      ...(by === undefined ? [] : [by]),
      {
        id: "in",
        header: t("billing.in"),
        align: "end",
        cell: (row) =>
          row.credits_in > 0 && (
            <span className={classes.in}>
              <CreditAmount credits={row.credits_in} signed />
            </span>
          ),
      },
      {
        id: "out",
        header: t("billing.out"),
        align: "end",
        cell: (row) => row.credits_out > 0 && <CreditAmount credits={-row.credits_out} />,
      },
      {
        id: "balance",
        header: t("billing.after"),
        align: "end",
        cell: (row) => (
          <strong>
            <CreditAmount credits={row.balance_after} />
          </strong>
        ),
      },
    ],
    [t, isTenant, by],
  );
}
