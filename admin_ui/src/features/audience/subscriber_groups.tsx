import { ActionIcon, Select } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { useIntent } from "@/api/use_intent";
import { useRefresh } from "@/api/use_pages";
import { ErrorState } from "@/ui/states";
import { Tag } from "@/ui/status_pill";
import { GROUPS, SUBSCRIBERS, type Subscriber, useGroupChoice } from "./audience";
import classes from "./audience.module.css";

type Props = { subscriber: Subscriber; rights: { add: boolean; change: boolean } };
type Change = { group_id: string; verb: "add" | "remove" };

export function SubscriberGroups({ subscriber, rights }: Props) {
  const { t } = useTranslation();
  const refresh = useRefresh();
  const groups = useGroupChoice();
  const changing = useIntent(
    ({ group_id, verb }: Change, headers) =>
      client.POST(`/v1/groups/{group_id}/subscribers/${verb}`, {
        params: { path: { group_id } },
        body: { subscriber_ids: [subscriber.id] },
        headers,
      }),
    { onSuccess: () => refresh(SUBSCRIBERS, GROUPS) },
  );
  const inside = groups.filter(({ value }) => subscriber.group_ids.includes(value));
  const outside = groups.filter(({ value }) => !subscriber.group_ids.includes(value));
  return (
    <div className={classes.form}>
      <span className={classes.tags}>
        {inside.length === 0 && t("groups.in_none")}
        {inside.map(({ value, label }) => (
          <span key={value} className={classes.tag}>
            <Tag>{label}</Tag>
            {rights.change && (
              <ActionIcon
                size={24}
                variant="subtle"
                color="gray"
                aria-label={t("groups.remove_from", { name: label })}
                loading={changing.isPending && changing.variables?.group_id === value}
                onClick={() => changing.mutate({ group_id: value, verb: "remove" })}
              >
                <IconX size={14} aria-hidden />
              </ActionIcon>
            )}
          </span>
        ))}
      </span>
      {rights.add && outside.length > 0 && (
        <Select
          aria-label={t("groups.add_to")}
          placeholder={t("groups.add_to")}
          data={outside}
          value={null}
          searchable
          disabled={changing.isPending}
          onChange={(group_id) => {
            if (group_id !== null) changing.mutate({ group_id, verb: "add" });
          }}
        />
      )}
      {changing.isError && <ErrorState error={changing.error} compact />}
    </div>
  );
}
