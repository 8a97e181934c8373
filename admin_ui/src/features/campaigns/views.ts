import type { SessionState } from "@/ui/state_pill";

export const VIEWS = ["all", "draft", "review", "running", "needs_you", "done", "ended"] as const;
export type CampaignsView = (typeof VIEWS)[number];

export const STATES_OF_VIEW: Record<CampaignsView, readonly SessionState[]> = {
  all: [],
  draft: ["draft"],
  review: ["screening", "awaiting_validation"],
  running: ["approved", "scheduled", "preparing", "sending", "paused", "settling"],
  needs_you: ["awaiting_credits", "awaiting_confirmation", "missed", "refused"],
  done: ["completed"],
  ended: ["refused", "cancelled", "failed"],
};

export function viewOf(value: unknown): CampaignsView {
  return VIEWS.find((view) => view === value) ?? "all";
}
