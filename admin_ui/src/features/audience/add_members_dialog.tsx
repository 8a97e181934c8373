import { Button } from "@mantine/core";
import { IconUsers } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { useIntent } from "@/api/use_intent";
import { usePages, useRefresh } from "@/api/use_pages";
import { type Column, DataTable } from "@/ui/data_table";
import { Dialog } from "@/ui/dialog";
import { SearchInput } from "@/ui/search_input";
import { EmptyState, ErrorState } from "@/ui/states";
import { StatusPill } from "@/ui/status_pill";
import { GROUPS, type Group, ROWS_PER_PAGE, SUBSCRIBERS, type Subscriber } from "./audience";
import classes from "./audience.module.css";

const LIST_HEIGHT_PX = 340;

/** Tick people and add them; the choice stays while another search is made. */
export function AddMembersDialog({ group, onClose }: { group: Group; onClose: () => void }) {
  const { t } = useTranslation();
  const refresh = useRefresh();
  const [search, setSearch] = useState("");
  const [chosen, setChosen] = useState<string[]>([]);
  const page = usePages<Subscriber>(SUBSCRIBERS, { q: search, choice: true }, (at) =>
    client.GET("/v1/subscribers", {
      params: { query: { search: search || undefined, cursor: at.cursor, limit: ROWS_PER_PAGE } },
      signal: at.signal,
    }),
  );
  const adding = useIntent(
    (subscriber_ids: string[], headers) =>
      client.POST("/v1/groups/{group_id}/subscribers/add", {
        params: { path: { group_id: group.id } },
        body: { subscriber_ids },
        headers,
      }),
    {
      onSuccess: async () => {
        await refresh(GROUPS, SUBSCRIBERS);
        onClose();
      },
    },
  );
  const columns = useMemo<Column<Subscriber>[]>(
    () => [
      {
        id: "name",
        header: t("audience.name"),
        primary: true,
        cell: (row) => row.full_name ?? "–",
      },
      {
        id: "phone",
        header: t("audience.phone"),
        cell: (row) => <span className="mono nowrap">{row.phone}</span>,
      },
      {
        id: "in",
        header: t("groups.member"),
        cell: (row) =>
          row.group_ids.includes(group.id) ? (
            <StatusPill tone="ok">{t("groups.already_in")}</StatusPill>
          ) : (
            "–"
          ),
      },
    ],
    [t, group.id],
  );
  const visible = new Set(page.rows?.map(({ id }) => id));
  return (
    <Dialog onClose={onClose} title={t("groups.add_to_title", { name: group.name })} size="lg">
      <div className={classes.form}>
        <SearchInput
          label={t("audience.search")}
          value={search}
          onChange={setSearch}
          shortcut={false}
        />
        <div className={classes.frame}>
          <DataTable
            {...page}
            label={t("audience.title")}
            columns={columns}
            rowId={(row) => row.id}
            rowLabel={(row) => row.full_name ?? row.phone}
            height={LIST_HEIGHT_PX}
            selection={{
              ids: chosen.filter((id) => visible.has(id)),
              onChange: (ids) =>
                setChosen((now) => [...now.filter((id) => !visible.has(id)), ...ids]),
            }}
            empty={
              <EmptyState icon={IconUsers} title={t("audience.not_found")}>
                {t("audience.not_found_text")}
              </EmptyState>
            }
          />
        </div>
        {adding.isError && <ErrorState error={adding.error} compact />}
        <div className={classes.actions}>
          <Button variant="default" onClick={onClose}>
            {t("confirm.cancel")}
          </Button>
          <Button
            disabled={chosen.length === 0}
            loading={adding.isPending}
            onClick={() => adding.mutate(chosen)}
          >
            {t("groups.add_count", { count: chosen.length })}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
