import { Switch } from "@mantine/core";
import { IconStack2 } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import type { components } from "@/api/schema";
import { usePages } from "@/api/use_pages";
import { CreditAmount } from "@/ui/credit_amount";
import { type Column, DataTable } from "@/ui/data_table";
import { formatDay } from "@/ui/format";
import { Section } from "@/ui/page_header";
import { EmptyState } from "@/ui/states";
import { StatusPill } from "@/ui/status_pill";
import { ROWS_PER_PAGE, type Tenant } from "../billing";
import { Entry } from "./cells";

type Lot = components["schemas"]["LotView"];

/** What came in at once, and what became of it. */
export function LotsPart({ tenant }: { tenant: Tenant }) {
  const { t, i18n } = useTranslation("finance");
  const [onlyOpen, setOnlyOpen] = useState(true);
  const page = usePages<Lot>(
    `/v1/tenants/${tenant.id}/ledger/lots`,
    { onlyOpen },
    ({ cursor, signal }) =>
      client.GET("/v1/tenants/{tenant_id}/ledger/lots", {
        params: {
          path: { tenant_id: tenant.id },
          query: { open: onlyOpen, cursor, limit: ROWS_PER_PAGE },
        },
        signal,
      }),
  );
  const columns = useMemo<Column<Lot>[]>(() => {
    const figure = (id: "amount" | "available" | "reserved" | "spent"): Column<Lot> => ({
      id,
      header: t(`lot.${id}`),
      align: "end",
      cell: (row) => <CreditAmount credits={row[id]} />,
    });
    return [
      {
        id: "kind",
        header: t("lot.what"),
        primary: true,
        cell: (row) => (
          <Entry title={t(`lot.${row.kind}`)}>
            {formatDay(new Date(row.created_at), i18n.language)}
          </Entry>
        ),
      },
      figure("amount"),
      figure("available"),
      figure("reserved"),
      figure("spent"),
      { id: "gone", header: t("lot.gone"), align: "end", cell: (row) => <Gone lot={row} /> },
      {
        id: "expires",
        header: t("lot.expires"),
        align: "end",
        cell: (row) =>
          row.expires_at === null
            ? t("lot.never")
            : formatDay(new Date(row.expires_at), i18n.language),
      },
    ];
  }, [t, i18n.language]);
  return (
    <Section
      title={t("lot.title")}
      flush
      aside={
        <Switch
          size="xs"
          label={t("lot.only_open")}
          checked={onlyOpen}
          onChange={(event) => setOnlyOpen(event.currentTarget.checked)}
        />
      }
    >
      <DataTable
        {...page}
        label={t("lot.title")}
        columns={columns}
        rowId={(row) => row.id}
        rowLabel={(row) => t(`lot.${row.kind}`)}
        empty={
          <EmptyState icon={IconStack2} title={t("lot.none")}>
            {t("lot.none_text")}
          </EmptyState>
        }
      />
    </Section>
  );
}

function Gone({ lot }: { lot: Lot }) {
  const { t } = useTranslation("finance");
  if (lot.frozen > 0 || lot.dispute === "open") {
    return <StatusPill tone="bad">{t("lot.disputed")}</StatusPill>;
  }
  const gone = lot.expired + lot.reversed + lot.refunded + lot.adjusted + lot.repaid + lot.settled;
  return <CreditAmount credits={gone} />;
}
