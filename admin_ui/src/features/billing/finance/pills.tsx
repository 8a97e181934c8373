import { useTranslation } from "react-i18next";
import { type PillIcon, StatusPill, type Tone } from "@/ui/status_pill";
import type { TopUp } from "../billing";
import type { Dispute, Document, Purchase, Refund } from "./finance";

type Look = { tone: Tone; icon: PillIcon };

const TOP_UP: Record<TopUp["state"], Look> = {
  pending: { tone: "warn", icon: "waiting" },
  credited: { tone: "ok", icon: "done" },
  declined: { tone: "idle", icon: "failed" },
  reversed: { tone: "bad", icon: "failed" },
};
const PURCHASE: Record<Purchase["state"], Look> = {
  pending: { tone: "idle", icon: "waiting" },
  awaiting_customer: { tone: "warn", icon: "waiting" },
  processing: { tone: "info", icon: "waiting" },
  paid: { tone: "ok", icon: "done" },
  failed: { tone: "bad", icon: "failed" },
  expired: { tone: "idle", icon: "failed" },
};
const REFUND: Record<Refund["state"], Look> = {
  requested: { tone: "warn", icon: "waiting" },
  declined: { tone: "idle", icon: "failed" },
  approved: { tone: "info", icon: "waiting" },
  submitted: { tone: "info", icon: "waiting" },
  succeeded: { tone: "ok", icon: "done" },
  failed: { tone: "bad", icon: "failed" },
};
const DISPUTE: Record<Dispute["state"], Look> = {
  inquiry: { tone: "warn", icon: "info" },
  open: { tone: "bad", icon: "warning" },
  closed: { tone: "idle", icon: "done" },
  won: { tone: "ok", icon: "done" },
  lost: { tone: "bad", icon: "failed" },
};
const DOCUMENT: Record<Document["state"], Look> = {
  issued: { tone: "info", icon: "done" },
  open: { tone: "warn", icon: "waiting" },
  overdue: { tone: "bad", icon: "warning" },
  paid: { tone: "ok", icon: "done" },
  void: { tone: "idle", icon: "failed" },
};

export function TopUpPill({ state }: { state: TopUp["state"] }) {
  const { t } = useTranslation("finance");
  return <StatusPill {...TOP_UP[state]}>{t(`top_up_state.${state}`)}</StatusPill>;
}

export function PurchasePill({ state }: { state: Purchase["state"] }) {
  const { t } = useTranslation("finance");
  return <StatusPill {...PURCHASE[state]}>{t(`purchase_state.${state}`)}</StatusPill>;
}

export function RefundPill({ state }: { state: Refund["state"] }) {
  const { t } = useTranslation("finance");
  return <StatusPill {...REFUND[state]}>{t(`refund_state.${state}`)}</StatusPill>;
}

export function DisputePill({ state }: { state: Dispute["state"] }) {
  const { t } = useTranslation("finance");
  return <StatusPill {...DISPUTE[state]}>{t(`dispute_state.${state}`)}</StatusPill>;
}

export function DocumentPill({ state }: { state: Document["state"] }) {
  const { t } = useTranslation("finance");
  return <StatusPill {...DOCUMENT[state]}>{t(`document_state.${state}`)}</StatusPill>;
}
