import { Button } from "@mantine/core";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, client } from "@/api/client";
import { present } from "@/api/present";
import { useIntent } from "@/api/use_intent";
import { useRefresh } from "@/api/use_pages";
import { Callout } from "@/ui/callout";
import { formatInteger } from "@/ui/format";
import { ErrorState } from "@/ui/states";
import type { Purchase } from "./billing";
import { formatMoney } from "./money";
import { declineOf, pollAfter, type Standing, standingOf } from "./purchase_words";

const TONES = {
  waiting: "info",
  processing: "info",
  confirm: "warn",
  paid: "ok",
  unpaid: "warn",
  declined: "bad",
} as const satisfies Record<Standing, string>;

type Props = { purchaseId: string; cancelled: boolean; onClose: () => void };

/** Back from the payment page: what became of it, until the credits are there. */
export function PurchaseReturn({ purchaseId, cancelled, onClose }: Props) {
  const { t } = useTranslation("billing");
  const refresh = useRefresh();
  const [since] = useState(() => Date.now());
  const { data, error, refetch } = api.useQuery(
    "get",
    "/v1/purchases/{purchase_id}",
    { params: { path: { purchase_id: purchaseId } } },
    {
      refetchInterval: ({ state }) => pollAfter(state.data?.purchase.state, Date.now() - since),
    },
  );
  const purchase = data?.purchase;
  const isPaid = purchase?.state === "paid";
  useEffect(() => {
    if (isPaid) void refresh("/v1/balance", "/v1/ledger", "/v1/purchases", "/v1/documents");
  }, [isPaid, refresh]);
  if (purchase === undefined) {
    if (error !== null) return <ErrorState error={error} onRetry={() => void refetch()} compact />;
    return (
      <Callout tone="info" live title={t("return.waiting")}>
        {t("return.asking")}
      </Callout>
    );
  }
  return <Told purchase={purchase} cancelled={cancelled} onClose={onClose} />;
}

type ToldProps = { purchase: Purchase; cancelled: boolean; onClose: () => void };

function Told({ purchase, cancelled, onClose }: ToldProps) {
  const { t, i18n } = useTranslation("billing");
  const standing = standingOf({ state: purchase.state, cancelled });
  const facts = {
    credits: formatInteger(purchase.credits, i18n.language),
    amount: formatMoney(purchase.gross_minor, purchase.currency, i18n.language),
  };
  const why = `decline.${declineOf(purchase.failure_code)}` as "decline.declined";
  return (
    <Callout
      tone={TONES[standing]}
      live
      title={t(`return.${standing}`, facts)}
      action={<Action purchase={purchase} standing={standing} onClose={onClose} />}
    >
      {standing === "declined" ? t(why) : t(`return.${standing}_text`, facts)}
    </Callout>
  );
}

type ActionProps = { purchase: Purchase; standing: Standing; onClose: () => void };

function Action({ purchase, standing, onClose }: ActionProps) {
  const { t } = useTranslation("billing");
  if (standing === "confirm" || purchase.failure_code === "authentication_required") {
    return <ConfirmAtBank purchaseId={purchase.id} />;
  }
  if (standing === "unpaid" && purchase.checkout_url !== null) {
    return (
      <Button component="a" size="compact-sm" variant="default" href={purchase.checkout_url}>
        {t("return.go_on")}
      </Button>
    );
  }
  if (standing === "waiting" || standing === "processing") return null;
  return (
    <Button size="compact-sm" variant="default" onClick={onClose}>
      {t("return.close")}
    </Button>
  );
}

/** The bank asks the card's owner; the payment goes on by itself afterwards. */
export function ConfirmAtBank({ purchaseId }: { purchaseId: string }) {
  const { t } = useTranslation("billing");
  const asking = useIntent(
    async (id: string, headers) =>
      present(
        await client.POST("/v1/purchases/{purchase_id}/authenticate", {
          params: { path: { purchase_id: id } },
          headers,
        }),
      ),
    { onSuccess: ({ url }) => window.location.assign(url) },
  );
  return (
    <>
      <Button
        size="compact-sm"
        loading={asking.isPending || asking.isSuccess}
        onClick={() => asking.mutate(purchaseId)}
      >
        {t("return.confirm_action")}
      </Button>
      {asking.isError && <ErrorState error={asking.error} compact />}
    </>
  );
}
