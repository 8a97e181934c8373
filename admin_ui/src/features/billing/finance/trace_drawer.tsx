import { Button } from "@mantine/core";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { api, client } from "@/api/client";
import type { components } from "@/api/schema";
import { usePages } from "@/api/use_pages";
import { CreditAmount } from "@/ui/credit_amount";
import { type Column, DataTable } from "@/ui/data_table";
import { SidePanel } from "@/ui/dialog";
import { Facts } from "@/ui/facts";
import { formatDay, formatExact } from "@/ui/format";
import { type MessageState, MessageStatePill } from "@/ui/state_pill";
import { ErrorState, PageSkeleton } from "@/ui/states";
import { Actor } from "./cells";
import classes from "./finance.module.css";
import { KINDS } from "./tabs";

type Explained = components["schemas"]["finance_schemas_explorer_TransferView"];
type Message = components["schemas"]["ChargedMessage"];

const MESSAGES_PER_PAGE = 20;

type Props = { tenantId: string; transferId: string; onClose: () => void };

/** From a line of the ledger to its lots, its send, and every message it paid for. */
export function TraceDrawer({ tenantId, transferId, onClose }: Props) {
  const { t } = useTranslation("finance");
  const { t: app } = useTranslation();
  const { data, error, refetch } = api.useQuery(
    "get",
    "/v1/tenants/{tenant_id}/transfers/{transfer_id}",
    { params: { path: { tenant_id: tenantId, transfer_id: transferId } } },
  );
  const kind = KINDS.find((each) => each === data?.kind);
  return (
    <SidePanel
      opened
      title={kind === undefined ? t("trace.title") : app(`transfer.${kind}`)}
      onClose={onClose}
    >
      {data !== undefined && <Story of={data} />}
      {data === undefined && error === null && <PageSkeleton />}
      {data === undefined && error !== null && (
        <ErrorState error={error} onRetry={() => void refetch()} />
      )}
    </SidePanel>
  );
}

function Story({ of }: { of: Explained }) {
  const { t, i18n } = useTranslation("finance");
  return (
    <div className={classes.stack}>
      <Facts
        facts={[
          { label: t("amount"), value: <CreditAmount credits={of.amount} unit /> },
          {
            label: t("ledger.when"),
            value: formatExact(new Date(of.created_at), i18n.language),
          },
          { label: t("by"), value: <Actor actor={of.actor} /> },
          { label: t("reference"), value: <span className="mono">{of.reference}</span> },
          ...of.entries.map((entry) => ({
            label: t("trace.account", { account: t(`account.${entry.account as "available"}`) }),
            value: (
              <>
                <CreditAmount credits={entry.amount} signed /> →{" "}
                <CreditAmount credits={entry.balance_after} />
              </>
            ),
          })),
        ]}
      />
      {of.lots.length > 0 && (
        <section>
          <h3>{t("trace.lots")}</h3>
          <Facts
            facts={of.lots.map((lot) => ({
              label: `${t(`lot.${lot.kind as "paid"}`)}, ${formatDay(new Date(lot.created_at), i18n.language)}`,
              value: (
                <>
                  <CreditAmount credits={lot.credits} /> {t("trace.of")}{" "}
                  <CreditAmount credits={lot.lot_credits} />
                </>
              ),
            }))}
          />
        </section>
      )}
      {of.hold !== null && (
        <section>
          <h3>{t("trace.hold")}</h3>
          <Facts
            facts={(["amount", "captured", "released", "returned"] as const).map((part) => ({
              label: t(`hold.${part}`),
              value: <CreditAmount credits={of.hold?.[part] ?? 0} />,
            }))}
          />
        </section>
      )}
      {of.session !== null && (
        <section>
          <h3>{of.session.campaign ?? t("trace.session")}</h3>
          <Messages of={of} />
        </section>
      )}
    </div>
  );
}

/** The number is masked: finance explains a charge, not whom it was for. */
function Messages({ of }: { of: Explained }) {
  const { t } = useTranslation("finance");
  const page = usePages<Message>(
    `/v1/tenants/${of.tenant_id}/transfers/${of.id}/messages`,
    {},
    ({ cursor, signal }) =>
      client.GET("/v1/tenants/{tenant_id}/transfers/{transfer_id}/messages", {
        params: {
          path: { tenant_id: of.tenant_id, transfer_id: of.id },
          query: { cursor, limit: MESSAGES_PER_PAGE },
        },
        signal,
      }),
  );
  const columns = useMemo<Column<Message>[]>(
    () => [
      {
        id: "phone",
        header: t("trace.number"),
        primary: true,
        cell: (row) => <span className="mono nowrap">{row.phone}</span>,
      },
      {
        id: "state",
        header: t("state"),
        cell: (row) => <MessageStatePill state={row.state as MessageState} />,
      },
      {
        id: "charged",
        header: t("amount"),
        align: "end",
        cell: (row) => <CreditAmount credits={row.charged} />,
      },
    ],
    [t],
  );
  return (
    <>
      <DataTable
        {...page}
        onLoadMore={undefined}
        label={t("trace.messages")}
        columns={columns}
        rowId={(row) => String(row.n)}
        rowLabel={(row) => row.phone}
        empty={<p className={classes.quiet}>{t("trace.no_messages")}</p>}
      />
      {page.onLoadMore !== undefined && (
        <Button variant="default" mt="sm" loading={page.loadingMore} onClick={page.onLoadMore}>
          {t("trace.more")}
        </Button>
      )}
    </>
  );
}
