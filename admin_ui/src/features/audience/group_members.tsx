import { Button } from "@mantine/core";
import { IconUserMinus, IconUsers } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { useIntent } from "@/api/use_intent";
import { usePages, useRefresh } from "@/api/use_pages";
import { type Column, DataTable } from "@/ui/data_table";
import { BulkBar } from "@/ui/data_table_skeleton";
import { Section } from "@/ui/page_header";
import { EmptyState, ErrorState } from "@/ui/states";
import {
  GROUPS,
  type Group,
  ROWS_PER_PAGE,
  SUBSCRIBERS,
  type Subscriber,
  useAudienceRights,
} from "./audience";
import { ConsentTag, NoName, SubscriberState } from "./subscriber_marks";

type Props = { group: Group; onAdd: () => void };

export function GroupMembers({ group, onAdd }: Props) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const rights = useAudienceRights();
  const refresh = useRefresh();
  const [selected, setSelected] = useState<string[]>([]);
  const page = usePages<Subscriber>(SUBSCRIBERS, { group: group.id }, ({ cursor, signal }) =>
    client.GET("/v1/subscribers", {
      params: { query: { group_id: group.id, cursor, limit: ROWS_PER_PAGE } },
      signal,
    }),
  );
  const removing = useIntent(
    (subscriber_ids: string[], headers) =>
      client.POST("/v1/groups/{group_id}/subscribers/remove", {
        params: { path: { group_id: group.id } },
        body: { subscriber_ids },
        headers,
      }),
    {
      onSuccess: async () => {
        setSelected([]);
        await refresh(GROUPS, SUBSCRIBERS);
      },
    },
  );
  const columns = useMemo<Column<Subscriber>[]>(
    () => [
      {
        id: "name",
        header: t("audience.name"),
        primary: true,
        cell: (row) => row.full_name ?? <NoName />,
      },
      {
        id: "phone",
        header: t("audience.phone"),
        cell: (row) => <span className="mono nowrap">{row.phone}</span>,
      },
      { id: "consent", header: t("audience.consent"), cell: (row) => <ConsentTag of={row} /> },
      { id: "state", header: t("audience.state"), cell: (row) => <SubscriberState of={row} /> },
    ],
    [t],
  );
  return (
    <>
      <Section title={t("groups.members")} flush>
        <DataTable
          {...page}
          label={t("groups.members")}
          columns={columns}
          rowId={(row) => row.id}
          rowLabel={(row) => row.full_name ?? row.phone}
          onOpen={({ id }) =>
            void navigate({ to: "/subscribers", search: { group: group.id, open: id } })
          }
          selection={rights.change ? { ids: selected, onChange: setSelected } : undefined}
          keys
          empty={
            <EmptyState
              icon={IconUsers}
              title={t("groups.no_members")}
              action={rights.add && <Button onClick={onAdd}>{t("groups.add_members")}</Button>}
            >
              {t("groups.no_members_text")}
            </EmptyState>
          }
        />
        {removing.isError && <ErrorState error={removing.error} compact />}
      </Section>
      <BulkBar count={selected.length}>
        <Button
          variant="default"
          leftSection={<IconUserMinus size={16} aria-hidden />}
          loading={removing.isPending}
          onClick={() => removing.mutate(selected)}
        >
          {t("groups.remove")}
        </Button>
        <Button variant="default" onClick={() => setSelected([])}>
          {t("groups.clear")}
        </Button>
      </BulkBar>
    </>
  );
}
