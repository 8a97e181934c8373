import { Button } from "@mantine/core";
import { IconPlus, IconTargetArrow } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { usePages } from "@/api/use_pages";
import { type Column, DataTable } from "@/ui/data_table";
import { Kbd } from "@/ui/kbd";
import { PageHeader, Section } from "@/ui/page_header";
import { RelativeTime } from "@/ui/relative_time";
import { useShortcuts } from "@/ui/shortcuts";
import { EmptyState } from "@/ui/states";
import { ROWS_PER_PAGE, useAudienceRights } from "./audience";
import { GroupTabs } from "./group_tabs";
import { TARGET_GROUPS, type TargetGroup } from "./target_groups";

export function TargetGroupsPage() {
  const { t } = useTranslation("targeting");
  const navigate = useNavigate();
  const rights = useAudienceRights();
  const page = usePages<TargetGroup>(TARGET_GROUPS, {}, ({ cursor, signal }) =>
    client.GET(TARGET_GROUPS, { params: { query: { cursor, limit: ROWS_PER_PAGE } }, signal }),
  );
  const create = () => void navigate({ to: "/target-groups/new" });
  useShortcuts([{ keys: "n", label: t("list.new"), disabled: !rights.add, run: create }]);
  const add = rights.add && (
    <Button
      leftSection={<IconPlus size={16} aria-hidden />}
      rightSection={<Kbd keys="n" />}
      aria-keyshortcuts="n"
      onClick={create}
    >
      {t("list.new")}
    </Button>
  );
  const columns = useMemo<Column<TargetGroup>[]>(
    () => [
      { id: "name", header: t("list.name"), primary: true, cell: (row) => row.name },
      { id: "about", header: t("list.description"), cell: (row) => row.description || "–" },
      {
        id: "at",
        header: t("list.changed"),
        align: "end",
        cell: (row) => <RelativeTime at={row.changed_at} />,
      },
    ],
    [t],
  );
  return (
    <>
      <PageHeader title={t("tabs.target_groups")} actions={add} />
      <GroupTabs value="target_groups" />
      <Section flush>
        <DataTable
          {...page}
          label={t("tabs.target_groups")}
          columns={columns}
          rowId={(row) => row.id}
          rowLabel={(row) => row.name}
          onOpen={({ id }) =>
            void navigate({ to: "/target-groups/$targetGroupId", params: { targetGroupId: id } })
          }
          keys
          empty={
            <EmptyState icon={IconTargetArrow} title={t("list.empty")} action={add}>
              {t("list.empty_text")}
            </EmptyState>
          }
        />
      </Section>
    </>
  );
}
