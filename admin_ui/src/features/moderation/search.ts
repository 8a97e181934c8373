import type { SearchSchemaInput } from "@tanstack/react-router";

export const QUEUE_VIEWS = ["open", "mine", "decided"] as const;
export type QueueViewName = (typeof QUEUE_VIEWS)[number];
export const LANES = ["standard", "large", "flagged", "lead_only"] as const;
export type LaneName = (typeof LANES)[number];

export const VERDICTS = ["approve", "request_changes", "refuse"] as const;
export const RULED = [...VERDICTS, "revoked"] as const;
export type RuledFilter = (typeof RULED)[number];

export const RULES_TABS = ["content", "desk", "conduct", "hosts", "trust"] as const;
export type RulesTab = (typeof RULES_TABS)[number];

type DeskSearch = { view: QueueViewName; lane?: LaneName; tenant?: string; case?: string };

/** A case is named by both ids; half of them names nothing. */
export function validateDesk(
  search: {
    view?: string;
    lane?: string;
    tenant?: string;
    case?: string;
  } & SearchSchemaInput,
): DeskSearch {
  const view = QUEUE_VIEWS.find((each) => each === search.view) ?? "open";
  const lane = LANES.find((each) => each === search.lane);
  const { tenant, case: id } = search;
  return typeof tenant === "string" && typeof id === "string"
    ? { view, lane, tenant, case: id }
    : { view, lane };
}
