import { SegmentedControl } from "@mantine/core";
import { IconReceipt } from "@tabler/icons-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { usePages } from "@/api/use_pages";
import { CreditAmount } from "@/ui/credit_amount";
import { type Column, DataTable } from "@/ui/data_table";
import { Section } from "@/ui/page_header";
import { RelativeTime } from "@/ui/relative_time";
import { EmptyState } from "@/ui/states";
import { ROWS_PER_PAGE, SHOWN_ACCOUNTS, type ShownAccount, type StatementLine } from "./billing";
import classes from "./billing.module.css";
import { EntryWords } from "./entry_words";

type Props = {
  /** Absent: the tenant one works in. */
  tenantId?: string;
  account: ShownAccount;
  onAccount: (account: ShownAccount) => void;
};

/** Every transfer once, as it was booked; a correction is another line. */
export function LedgerTable({ tenantId, account, onAccount }: Props) {
  const { t } = useTranslation();
  const columns = useColumns(tenantId === undefined);
  const path = tenantId === undefined ? "/v1/ledger" : `/v1/tenants/${tenantId}/ledger`;
  const page = usePages<StatementLine>(path, { account }, ({ cursor, signal }) => {
    const query = { account, cursor, limit: ROWS_PER_PAGE };
    if (tenantId === undefined) return client.GET("/v1/ledger", { params: { query }, signal });
    return client.GET("/v1/tenants/{tenant_id}/ledger", {
      params: { path: { tenant_id: tenantId }, query },
      signal,
    });
  });
  return (
    <Section
      title={t("billing.ledger")}
      flush
      aside={
        <SegmentedControl
          size="xs"
          aria-label={t("billing.account")}
          value={account}
          onChange={onAccount}
          data={SHOWN_ACCOUNTS.map((value) => ({ value, label: t(`billing.${value}`) }))}
        />
      }
    >
      <DataTable
        {...page}
        label={t("billing.ledger")}
        columns={columns}
        rowId={(row) => `${row.number} ${row.transfer_id}`}
        rowLabel={(row) => row.reference}
        empty={
          <EmptyState icon={IconReceipt} title={t("billing.no_lines")}>
            {t("billing.no_lines_text")}
          </EmptyState>
        }
      />
    </Section>
  );
}

function useColumns(isTenant: boolean): Column<StatementLine>[] {
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
    [t, isTenant],
  );
}
