export const TABS = [
  "overview",
  "recipients",
  "left_out",
  "replies",
  "message",
  "history",
] as const;
export type SessionTab = (typeof TABS)[number];

export function tabOf(value: unknown): SessionTab {
  return TABS.find((tab) => tab === value) ?? "overview";
}
