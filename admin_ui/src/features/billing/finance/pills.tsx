import { useTranslation } from "react-i18next";
import { type PillIcon, StatusPill, type Tone } from "@/ui/status_pill";
import type { TopUp } from "../billing";
import type { Dispute, Document, Purchase, Refund } from "./finance";

type Look = { tone: Tone; icon: PillIcon };

const LOOKS = {
  top_up: {
    pending: { tone: "warn", icon: "waiting" },
    credited: { tone: "ok", icon: "done" },
    declined: { tone: "idle", icon: "failed" },
    reversed: { tone: "bad", icon: "failed" },
  } satisfies Record<TopUp["state"], Look>,
  purchase: {
    pending: { tone: "idle", icon: "waiting" },
    awaiting_customer: { tone: "warn", icon: "waiting" },
    processing: { tone: "info", icon: "waiting" },
    paid: { tone: "ok", icon: "done" },
    failed: { tone: "bad", icon: "failed" },
    expired: { tone: "idle", icon: "failed" },
  } satisfies Record<Purchase["state"], Look>,
  refund: {
    requested: { tone: "warn", icon: "waiting" },
    declined: { tone: "idle", icon: "failed" },
    approved: { tone: "info", icon: "waiting" },
    submitted: { tone: "info", icon: "waiting" },
    succeeded: { tone: "ok", icon: "done" },
    failed: { tone: "bad", icon: "failed" },
  } satisfies Record<Refund["state"], Look>,
  dispute: {
    inquiry: { tone: "warn", icon: "info" },
    open: { tone: "bad", icon: "warning" },
    closed: { tone: "idle", icon: "done" },
    won: { tone: "ok", icon: "done" },
    lost: { tone: "bad", icon: "failed" },
  } satisfies Record<Dispute["state"], Look>,
  document: {
    issued: { tone: "info", icon: "done" },
    open: { tone: "warn", icon: "waiting" },
    overdue: { tone: "bad", icon: "warning" },
    paid: { tone: "ok", icon: "done" },
    void: { tone: "idle", icon: "failed" },
  } satisfies Record<Document["state"], Look>,
};

/** One pill for each machine of states; its words stand under the machine's name. */
function pillOf<Kind extends keyof typeof LOOKS>(kind: Kind) {
  const looks: Readonly<Record<string, Look>> = LOOKS[kind];
  return function Pill({ state }: { state: Extract<keyof (typeof LOOKS)[Kind], string> }) {
    const { t } = useTranslation("finance");
    return (
      <StatusPill {...(looks[state] as Look)}>
        {t(`${kind}_state.${state}` as "top_up_state.pending")}
      </StatusPill>
    );
  };
}

export const TopUpPill = pillOf("top_up");
export const PurchasePill = pillOf("purchase");
export const RefundPill = pillOf("refund");
export const DisputePill = pillOf("dispute");
export const DocumentPill = pillOf("document");
