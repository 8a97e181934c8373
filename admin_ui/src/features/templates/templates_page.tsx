import { Button } from "@mantine/core";
import { IconPlus, IconTemplate } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { TemplateView } from "@/api/shapes";
import { type Column, DataTable } from "@/ui/data_table";
import { Kbd } from "@/ui/kbd";
import { PageHeader, Section } from "@/ui/page_header";
import { RelativeTime } from "@/ui/relative_time";
import { useShortcuts } from "@/ui/shortcuts";
import { EmptyState } from "@/ui/states";
import { Tag } from "@/ui/status_pill";
import { ApprovalPill } from "./approval_pill";
import { NewTemplate } from "./new_template";
import { templatesQuery } from "./queries";
import { useMayWrite } from "./roles";
import classes from "./templates.module.css";

const FIELDS_SHOWN = 3;

export function TemplatesPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const mayWrite = useMayWrite();
  const [creating, setCreating] = useState(false);
  const list = useInfiniteQuery(templatesQuery(""));
  useShortcuts([
    { keys: "n", label: t("templates.new"), disabled: !mayWrite, run: () => setCreating(true) },
  ]);
  const columns: Column<TemplateView>[] = [
    {
      id: "name",
      header: t("templates.column.name"),
      primary: true,
      cell: (row) => (
        <span className={classes.name}>
          {row.name}
          <small>{row.newest.body}</small>
        </span>
      ),
    },
    {
      id: "state",
      header: t("templates.column.newest"),
      width: 190,
      cell: (row) => (
        <>
          v{row.newest.version} <ApprovalPill state={row.newest.state} />
        </>
      ),
    },
    {
      id: "approved",
      header: t("templates.column.approved"),
      width: 110,
      cell: (row) => (row.approved === null ? "–" : `v${row.approved.version}`),
    },
    {
      id: "fields",
      header: t("templates.column.fields"),
      cell: (row) => <Fields names={[...row.attributes, ...row.properties]} />,
    },
    {
      id: "at",
      header: t("templates.column.changed"),
      align: "end",
      width: 120,
      cell: (row) => <RelativeTime at={row.newest.state_changed_at} />,
    },
  ];
  const create = mayWrite && (
    <Button
      leftSection={<IconPlus size={16} />}
      rightSection={<Kbd keys="n" />}
      onClick={() => setCreating(true)}
    >
      {t("templates.new")}
    </Button>
  );
  return (
    <>
      <PageHeader title={t("templates.title")} actions={create} />
      <Section flush>
        <DataTable
          label={t("templates.title")}
          columns={columns}
          rows={list.data?.pages.flatMap((page) => page.items)}
          rowId={(row) => row.id}
          rowLabel={(row) => row.name}
          error={list.error}
          onRetry={() => void list.refetch()}
          onOpen={({ id }) =>
            void navigate({ to: "/templates/$templateId", params: { templateId: id } })
          }
          onLoadMore={list.hasNextPage ? () => void list.fetchNextPage() : undefined}
          loadingMore={list.isFetchingNextPage}
          keys
          empty={
            <EmptyState icon={IconTemplate} title={t("templates.none")} action={create}>
              {t("templates.none_hint")}
            </EmptyState>
          }
        />
      </Section>
      {creating && <NewTemplate onClose={() => setCreating(false)} />}
    </>
  );
}

function Fields({ names }: { names: readonly string[] }) {
  return (
    <span className={classes.fields}>
      {names.slice(0, FIELDS_SHOWN).map((name) => (
        <Tag key={name}>{name}</Tag>
      ))}
      {names.length > FIELDS_SHOWN && <Tag>+{names.length - FIELDS_SHOWN}</Tag>}
    </span>
  );
}
