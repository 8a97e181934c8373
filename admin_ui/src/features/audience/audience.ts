import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { useSession } from "@/api/session";

type Schemas = components["schemas"];
export type Subscriber = Schemas["SubscriberView"];
export type Group = Schemas["GroupView"];
export type Attribute = Schemas["AttributeView"];
export type OptOut = Schemas["OptOutView"];

export const SUBSCRIBERS = "/v1/subscribers";
export const GROUPS = "/v1/groups";
export const OPT_OUTS = "/v1/opt-outs";
export const IMPORTS = "/v1/imports";
export const ROWS_PER_PAGE = 50;
// Enough for every choice of a group without paging; more are found by typing.
const GROUPS_IN_CHOICE = 200;

/** The authorization table of the API, as far as buttons depend on it; the server decides again. */
export function useAudienceRights(): { add: boolean; change: boolean } {
  const role = useSession()?.member_role;
  const manages = role === "owner" || role === "manager" || role === "editor";
  return { add: manages || role === "sender", change: manages };
}

export function useGroupChoice(): { value: string; label: string }[] {
  const { data } = api.useQuery("get", "/v1/groups", {
    params: { query: { limit: GROUPS_IN_CHOICE } },
  });
  return (data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }));
}

export function useAttributes(): readonly Attribute[] {
  return api.useQuery("get", "/v1/attributes").data ?? [];
}
