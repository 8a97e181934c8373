import type { TextPiece } from "@/ui/phone_preview";
import type { SessionState } from "@/ui/state_pill";

/** Stories only: what the components look like full, and with awkward content. */

export type CampaignRow = {
  id: string;
  name: string;
  audience: string;
  recipients: number;
  state: SessionState;
  delivered: number;
  waiting: number;
  failed: number;
  credits: number;
  at: string;
};

const NAMES = [
  "Black Friday early access",
  "Appointment reminders",
  "Delivery slot change",
  "Loyalty points expiring",
  "January membership offer",
  "Parent evening invitation",
  "Store opening Malmö",
];

const STATES: readonly SessionState[] = [
  "sending",
  "awaiting_validation",
  "scheduled",
  "completed",
  "paused",
  "refused",
  "draft",
];

const HOUR_MS = 3_600_000;

export function campaignRows(count: number, now: number): CampaignRow[] {
  return Array.from({ length: count }, (_, index) => {
    const recipients = 400 + ((index * 7_919) % 48_000);
    const state = STATES[index % STATES.length] ?? "draft";
    const share = state === "completed" ? 1 : state === "sending" ? 0.64 : 0;
    const handled = Math.floor(recipients * share);
    return {
      id: `S-${1047 - index}`,
      name: `${NAMES[index % NAMES.length]}${index < NAMES.length ? "" : ` ${index}`}`,
      audience: index % 3 === 0 ? "Friends of the house" : "All customers, Norway",
      recipients,
      state,
      delivered: Math.floor(handled * 0.97),
      waiting: state === "sending" ? Math.floor(recipients * 0.04) : 0,
      failed: handled - Math.floor(handled * 0.97),
      credits: Math.ceil(recipients * 1.08),
      at: new Date(now - index * HOUR_MS * 5).toISOString(),
    };
  });
}

export const minutes = Array.from({ length: 46 }, (_, minute) => {
  const ramp = Math.min(1, 0.3 + minute / 5);
  const slow = minute >= 18 && minute <= 23 ? 0.52 : 1;
  const wave = 1 + Math.sin(minute / 1.4) * 0.05;
  const delivered = Math.round(760 * ramp * slow * wave);
  return {
    at: `20:${String(minute).padStart(2, "0")}`,
    delivered,
    failed: Math.round(delivered * (slow < 1 ? 0.06 : 0.018)),
  };
});

export const days = Array.from({ length: 21 }, (_, day) => ({
  at: `${day + 1} Nov`,
  campaigns: Math.round(900 + 700 * Math.abs(Math.sin(day * 1.7))),
  api: Math.round(220 + 160 * Math.abs(Math.cos(day))),
}));

export const failures = [
  { id: "absent", label: "Number not in service", value: 318 },
  { id: "off", label: "Phone off, expired", value: 171 },
  { id: "blocked", label: "Blocked by operator", value: 96 },
  { id: "full", label: "Inbox full", value: 41 },
  { id: "other", label: "Other", value: 15 },
];

export const rendered: Record<"typical" | "longest" | "missing", TextPiece[]> = {
  typical: [
    { kind: "text", text: "Hi " },
    { kind: "field", text: "Ingrid" },
    {
      kind: "text",
      text: ", you are in early. Black Friday opens for Nordlys Friends tonight at ",
    },
    { kind: "field", text: "20:00" },
    { kind: "text", text: ". Your code: " },
    { kind: "field", text: "FRIEND40" },
    { kind: "text", text: ". " },
    { kind: "link", text: "nordlys.example/bf26" },
    { kind: "text", text: " Stop: reply STOP" },
  ],
  longest: [
    { kind: "text", text: "Hi " },
    { kind: "field", text: "Maximiliana-Élise" },
    { kind: "text", text: ", you are in early 🎁 Black Friday opens tonight. Code: " },
    { kind: "field", text: "FRIEND40" },
    { kind: "text", text: ". " },
    { kind: "link", text: "nordlys.example/bf26" },
    { kind: "text", text: " STOP" },
  ],
  missing: [
    { kind: "text", text: "Hi " },
    { kind: "missing", text: "first_name" },
    {
      kind: "text",
      text: ", you are in early. Black Friday opens for Nordlys Friends tonight at ",
    },
    { kind: "field", text: "20:00" },
    { kind: "text", text: ". Your code: " },
    { kind: "field", text: "FRIEND40" },
    { kind: "text", text: ". " },
    { kind: "link", text: "nordlys.example/bf26" },
    { kind: "text", text: " Stop: reply STOP" },
  ],
};

export const approvedText =
  "Hi {{ first_name }}, our autumn sale starts {{ starts_at }}. Your code: {{ code }}. nordlys.example/sale Stop: reply STOP";
export const submittedText =
  "Hi {{ first_name }}, you are in early. Black Friday opens for Nordlys Friends tonight at {{ starts_at }}. Your code: {{ code }}. nordlys.example/bf26 Stop: reply STOP";

export const CASE_DEADLINE_MS = 900_000;

export type QueueItem = {
  id: string;
  name: string;
  tenant: string;
  recipients: string;
  risk: number;
  tags: string[];
  holder?: string;
  leftMs: number;
};

const item = (
  id: string,
  name: string,
  tenant: string,
  recipients: string,
  risk: number,
  tags: string[],
  left: number,
  holder?: string,
): QueueItem => ({ id, name, tenant, recipients, risk, tags, leftMs: left * 1_000, holder });

export const queue: readonly QueueItem[] = [
  item(
    "1",
    "Black Friday early access",
    "Nordlys Retail",
    "48,210",
    62,
    ["New link domain", "+1"],
    262,
    "You",
  ),
  item(
    "2",
    "Account verification notice",
    "PayFast Nordic",
    "12,400",
    91,
    ["Impersonation", "+1"],
    318,
  ),
  item("3", "Appointment reminders", "Clinique Arva", "1,284", 8, [], 471, "Mira"),
  item("4", "Delivery slot change", "Kargo24", "9,120", 17, ["First send"], 604),
  item("5", "Invoice overdue, 3rd notice", "Volta Energi", "3,300", 38, ["Debt wording"], 688),
  item("6", "Loyalty points expiring", "Café Milan", "6,120", 5, [], 741),
  item("7", "January membership offer", "Gym Republic", "15,870", 22, ["Quiet hours"], 803),
];
