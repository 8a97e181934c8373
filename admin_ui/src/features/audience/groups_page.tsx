import { Button } from "@mantine/core";
import { IconPlus, IconUsersGroup } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { usePages } from "@/api/use_pages";
import { type Column, DataTable } from "@/ui/data_table";
import { formatInteger } from "@/ui/format";
import { Kbd } from "@/ui/kbd";
import { PageHeader, Section } from "@/ui/page_header";
import { RelativeTime } from "@/ui/relative_time";
import { useShortcuts } from "@/ui/shortcuts";
import { EmptyState } from "@/ui/states";
import { StatusPill } from "@/ui/status_pill";
import { GROUPS, type Group, ROWS_PER_PAGE, useAudienceRights } from "./audience";
import { GroupDialog } from "./group_dialog";
import { GroupTabs } from "./group_tabs";

export function GroupsPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const rights = useAudienceRights();
  const [adding, setAdding] = useState(false);
  const columns = useColumns();
  const page = usePages<Group>(GROUPS, {}, ({ cursor, signal }) =>
    client.GET("/v1/groups", { params: { query: { cursor, limit: ROWS_PER_PAGE } }, signal }),
  );
  const open = ({ id }: Group) =>
    void navigate({ to: "/groups/$groupId", params: { groupId: id } });
  useShortcuts([
    { keys: "n", label: t("groups.new"), disabled: !rights.add, run: () => setAdding(true) },
  ]);
  const add = rights.add && (
    <Button
      leftSection={<IconPlus size={16} aria-hidden />}
      rightSection={<Kbd keys="n" />}
      aria-keyshortcuts="n"
      onClick={() => setAdding(true)}
    >
      {t("groups.new")}
    </Button>
  );
  return (
    <>
      <PageHeader title={t("groups.title")} actions={add} />
      <GroupTabs value="groups" />
      <Section flush>
        <DataTable
          {...page}
          label={t("groups.title")}
          columns={columns}
          rowId={(row) => row.id}
          rowLabel={(row) => row.name}
          onOpen={open}
          keys
          empty={
            <EmptyState icon={IconUsersGroup} title={t("groups.empty")} action={add}>
              {t("groups.empty_text")}
            </EmptyState>
          }
        />
      </Section>
      {adding && <GroupDialog onClose={() => setAdding(false)} onDone={open} />}
    </>
  );
}

function useColumns(): Column<Group>[] {
  const { t, i18n } = useTranslation();
  return useMemo(
    () => [
      { id: "name", header: t("groups.name"), primary: true, cell: (row) => row.name },
      { id: "description", header: t("groups.description"), cell: (row) => row.description || "–" },
      {
        id: "consent",
        header: t("audience.consent"),
        cell: (row) =>
          row.require_consent ? (
            <StatusPill tone="info" icon="info">
              {t("groups.consent_required")}
            </StatusPill>
          ) : (
            t("groups.consent_not_required")
          ),
      },
      {
        id: "subscribers",
        header: t("groups.subscribers"),
        align: "end",
        cell: (row) => formatInteger(row.subscribers, i18n.language),
      },
      {
        id: "at",
        header: t("groups.created"),
        align: "end",
        cell: (row) => <RelativeTime at={row.created_at} />,
      },
    ],
    [t, i18n.language],
  );
}
