import type { components } from "./schema";

type Schemas = components["schemas"];

/** Names of the contract, so that pages do not spell out where the generated types keep them. */
export type SessionView = Schemas["SessionView"];
export type SessionSummary = Schemas["SessionSummary"];
export type CampaignView = Schemas["CampaignView"];
export type QuoteView = Schemas["QuoteView"];
export type PreviewView = Schemas["PreviewView"];
export type TextView = Schemas["TextView"];
export type TimelineView = Schemas["TimelineView"];
export type ProgressView = Schemas["ProgressView"];
export type DraftUpdate = Schemas["DraftUpdate"];
export type AudienceInput = Schemas["AudienceInput"];
export type TemplateView = Schemas["TemplateView"];
export type TemplateDetailView = Schemas["TemplateDetailView"];
export type TemplateVersionView = Schemas["TemplateVersionView"];
export type SenderView = Schemas["SenderView"];
export type Standing = Schemas["Standing"];
export type RecipientView = Schemas["RecipientView"];
export type ExclusionView = Schemas["ExclusionView"];
export type ReplyView = Schemas["ReplyView"];
export type ReplyKind = Schemas["ReplyKind"];
export type MinuteView = Schemas["MinuteView"];
export type ScheduleInput = Schemas["ScheduleInput"];
export type ScheduleTime = Schemas["ScheduleTime"];
export type SchedulePreview = Schemas["SchedulePreview"];
export type Repeat = Schemas["Repeat"];
export type SeriesView = Schemas["SeriesView"];
export type ForecastView = Schemas["ForecastView"];
export type ApprovalState = Schemas["ApprovalState"];

/** A moderator's words on a span of the text; `start` and `end` count code points. */
export type SpanComment = {
  part: "header" | "body" | "footer";
  start: number;
  end: number;
  text: string;
  comment: string;
};

/** What screening listed when it gave the draft back. */
export type ScreeningProblem = {
  code: string;
  message: string;
  rule: string | null;
  text: string;
  span: [number, number] | null;
  matched: string;
  messages: number;
};
