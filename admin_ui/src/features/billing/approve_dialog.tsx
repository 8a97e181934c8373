import { useTranslation } from "react-i18next";
import { api, client } from "@/api/client";
import { present } from "@/api/present";
import { useIntent } from "@/api/use_intent";
import { useRefresh } from "@/api/use_pages";
import { ConfirmDialog } from "@/ui/confirm_dialog";
import { Facts } from "@/ui/facts";
import { RelativeTime } from "@/ui/relative_time";
import type { TopUp } from "./billing";
import classes from "./billing.module.css";
import { Effect } from "./effect";

type Props = { topUp: TopUp; name: string | undefined; onClose: () => void };

/** The second person sees what the first one entered, and what it would do. */
export function ApproveDialog({ topUp, name, onClose }: Props) {
  const { t } = useTranslation();
  const refresh = useRefresh();
  const { data: balance } = api.useQuery("get", "/v1/tenants/{tenant_id}/balance", {
    params: { path: { tenant_id: topUp.tenant_id } },
  });
  const approving = useIntent(
    async (top_up_id: string, headers) =>
      present(
        await client.POST("/v1/top-ups/{top_up_id}/approve", {
          params: { path: { top_up_id } },
          headers,
        }),
      ),
    {
      onSuccess: async () => {
        await refresh("/v1/top-ups", "/v1/tenants");
        onClose();
      },
    },
  );
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      onConfirm={() => approving.mutate(topUp.id)}
      title={t("finance.approve_title")}
      confirm={t("finance.approve")}
      consent={t("finance.approve_consent")}
      pending={approving.isPending}
      error={approving.error}
    >
      <div className={classes.form}>
        <Facts
          facts={[
            ...(name === undefined ? [] : [{ label: t("tenants.name"), value: name }]),
            { label: t("finance.method"), value: t(`finance.method_${topUp.method}`) },
            { label: t("finance.reference"), value: topUp.reference },
            { label: t("finance.reason"), value: topUp.reason },
            { label: t("finance.entered"), value: <RelativeTime at={topUp.created_at} /> },
          ]}
        />
        {balance !== undefined && <Effect balance={balance} added={topUp.amount_credits} />}
      </div>
    </ConfirmDialog>
  );
}
