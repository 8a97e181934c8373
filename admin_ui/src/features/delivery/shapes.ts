import type { MessageState, SessionState } from "@/ui/state_pill";

/** Where every planned message stood when the answer was given. */
export type Standing = {
  id: string;
  state: SessionState;
  planned: number;
  sent: number;
  in_flight: number;
  queued: number;
  cancelled: number;
  excluded: number;
};

export type RecipientView = {
  n: number;
  subscriber_id: string | null;
  phone: string;
  country: string;
  state: MessageState;
  cause: string | null;
  error_code: string | null;
  segments: number;
  credits_charged: number;
  attempts: number;
  submitted_at: string | null;
  accepted_at: string | null;
  done_at: string | null;
  retry_at: string | null;
};

export type ExclusionView = {
  k: number;
  subscriber_id: string | null;
  phone: string;
  reason: string;
  evidence: string;
  at: string;
};

export type MinuteView = {
  minute: string;
  submitted: number;
  accepted: number;
  delivered: number;
  failed: number;
};

export type Rows<Row> = { items: Row[]; next_cursor?: string | null };
