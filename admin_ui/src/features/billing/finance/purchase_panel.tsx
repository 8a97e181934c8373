import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { CreditAmount } from "@/ui/credit_amount";
import { SidePanel } from "@/ui/dialog";
import { Facts } from "@/ui/facts";
import { formatExact } from "@/ui/format";
import { ErrorState, PageSkeleton } from "@/ui/states";
import { Actor, MoneyAmount } from "./cells";
import classes from "./finance.module.css";
import { PurchasePill } from "./pills";

type Props = { tenantId: string; purchaseId: string; onClose: () => void };

/** Everything that ever happened to one purchase. */
export function PurchasePanel({ tenantId, purchaseId, onClose }: Props) {
  const { t, i18n } = useTranslation("finance");
  const { data, error, refetch } = api.useQuery(
    "get",
    "/v1/tenants/{tenant_id}/purchases/{purchase_id}",
    { params: { path: { tenant_id: tenantId, purchase_id: purchaseId } } },
  );
  return (
    <SidePanel opened title={t("purchases.one")} onClose={onClose}>
      {data === undefined && error === null && <PageSkeleton />}
      {data === undefined && error !== null && (
        <ErrorState error={error} onRetry={() => void refetch()} />
      )}
      {data !== undefined && (
        <div className={classes.stack}>
          <Facts
            facts={[
              { label: t("state"), value: <PurchasePill state={data.purchase.state} /> },
              {
                label: t("amount"),
                value: <CreditAmount credits={data.purchase.credits} unit />,
              },
              {
                label: t("purchases.net"),
                value: (
                  <MoneyAmount minor={data.purchase.net_minor} currency={data.purchase.currency} />
                ),
              },
              {
                label: t("purchases.tax"),
                value: (
                  <MoneyAmount minor={data.purchase.tax_minor} currency={data.purchase.currency} />
                ),
              },
              {
                label: t("purchases.gross"),
                value: (
                  <MoneyAmount
                    minor={data.purchase.gross_minor}
                    currency={data.purchase.currency}
                  />
                ),
              },
              { label: t("purchases.tax_note"), value: data.purchase.tax_note },
              {
                label: t("prices.tariff"),
                value: t("prices.tariff_version", { version: data.purchase.tariff_version }),
              },
              { label: t("purchases.failure"), value: data.purchase.failure_code },
              { label: t("entered"), value: <Actor actor={data.purchase.created_by} /> },
            ]}
          />
          <section>
            <h3>{t("purchases.history")}</h3>
            <Facts
              facts={data.history.map((event) => ({
                label: formatExact(new Date(event.at), i18n.language),
                value: (
                  <>
                    {event.machine} · {event.to_state.replaceAll("_", " ")}
                  </>
                ),
              }))}
            />
          </section>
        </div>
      )}
    </SidePanel>
  );
}
