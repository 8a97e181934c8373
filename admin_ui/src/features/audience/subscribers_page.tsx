import { Button, Group, Select } from "@mantine/core";
import { IconFileImport, IconPlus, IconUsers } from "@tabler/icons-react";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { usePages } from "@/api/use_pages";
import { countryName } from "@/ui/countries";
import { type Column, DataTable } from "@/ui/data_table";
import { Kbd } from "@/ui/kbd";
import { PageHeader, Section } from "@/ui/page_header";
import { RelativeTime } from "@/ui/relative_time";
import { SearchInput } from "@/ui/search_input";
import { useShortcuts } from "@/ui/shortcuts";
import { EmptyState } from "@/ui/states";
import { Toolbar } from "@/ui/toolbar";
import {
  ROWS_PER_PAGE,
  SUBSCRIBERS,
  type Subscriber,
  useAudienceRights,
  useGroupChoice,
} from "./audience";
import { NewSubscriberDialog } from "./new_subscriber_dialog";
import { SubscriberDrawer } from "./subscriber_drawer";
import { ConsentTag, GroupTags, NoName, SubscriberState } from "./subscriber_marks";

const route = getRouteApi("/shell/subscribers");

export function SubscribersPage() {
  const { t } = useTranslation();
  const { q = "", group, open } = route.useSearch();
  const navigate = route.useNavigate();
  const rights = useAudienceRights();
  const groups = useGroupChoice();
  const [adding, setAdding] = useState(false);
  const columns = useColumns(groups);
  const page = usePages<Subscriber>(SUBSCRIBERS, { q, group }, ({ cursor, signal }) =>
    client.GET("/v1/subscribers", {
      params: { query: { search: q || undefined, group_id: group, cursor, limit: ROWS_PER_PAGE } },
      signal,
    }),
  );
  const search = useCallback(
    (text: string) =>
      void navigate({ search: (now) => ({ ...now, q: text || undefined }), replace: true }),
    [navigate],
  );
  const show = (id: string | undefined) =>
    void navigate({ search: (now) => ({ ...now, open: id }) });

  useShortcuts([
    { keys: "n", label: t("audience.new"), disabled: !rights.add, run: () => setAdding(true) },
  ]);

  const filtered = q !== "" || group !== undefined;
  return (
    <>
      <PageHeader
        title={t("audience.title")}
        actions={rights.add && <Actions onNew={() => setAdding(true)} />}
      />
      <Section flush>
        <Toolbar>
          <SearchInput label={t("audience.search")} value={q} onChange={search} />
          <Select
            aria-label={t("audience.filter_group")}
            placeholder={t("audience.every_group")}
            data={groups}
            value={group ?? null}
            onChange={(value) =>
              void navigate({
                search: (now) => ({ ...now, group: value ?? undefined }),
                replace: true,
              })
            }
            clearable
            searchable
            w={210}
          />
        </Toolbar>
        <DataTable
          {...page}
          label={t("audience.title")}
          columns={columns}
          rowId={(row) => row.id}
          rowLabel={(row) => row.full_name ?? row.phone}
          onOpen={(row) => show(row.id)}
          keys
          empty={filtered ? <NothingFound /> : <NobodyYet onNew={() => setAdding(true)} />}
        />
      </Section>
      <SubscriberDrawer id={open} onClose={() => show(undefined)} />
      {adding && (
        <NewSubscriberDialog
          onClose={() => setAdding(false)}
          onDone={(subscriber) => {
            setAdding(false);
            show(subscriber.id);
          }}
        />
      )}
    </>
  );
}

function Actions({ onNew }: { onNew: () => void }) {
  const { t } = useTranslation();
  return (
    <>
      <Button
        component={Link}
        to="/imports/new"
        variant="default"
        leftSection={<IconFileImport size={16} aria-hidden />}
      >
        {t("audience.import")}
      </Button>
      <Button
        leftSection={<IconPlus size={16} aria-hidden />}
        rightSection={<Kbd keys="n" />}
        onClick={onNew}
        aria-keyshortcuts="n"
      >
        {t("audience.new")}
      </Button>
    </>
  );
}

function NothingFound() {
  const { t } = useTranslation();
  return (
    <EmptyState icon={IconUsers} title={t("audience.not_found")}>
      {t("audience.not_found_text")}
    </EmptyState>
  );
}

function NobodyYet({ onNew }: { onNew: () => void }) {
  const { t } = useTranslation();
  const rights = useAudienceRights();
  return (
    <EmptyState
      icon={IconUsers}
      title={t("audience.empty")}
      action={
        rights.add && (
          <Group gap="xs">
            <Button component={Link} to="/imports/new">
              {t("audience.import")}
            </Button>
            <Button variant="default" onClick={onNew}>
              {t("audience.new")}
            </Button>
          </Group>
        )
      }
    >
      {t("audience.empty_text")}
    </EmptyState>
  );
}

function useColumns(groups: { value: string; label: string }[]): Column<Subscriber>[] {
  const { t, i18n } = useTranslation();
  return useMemo(
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
      {
        id: "country",
        header: t("audience.country"),
        cell: (row) => (row.country === null ? "–" : countryName(row.country, i18n.language)),
      },
      {
        id: "groups",
        header: t("groups.title"),
        cell: (row) => <GroupTags ids={row.group_ids} groups={groups} />,
      },
      { id: "consent", header: t("audience.consent"), cell: (row) => <ConsentTag of={row} /> },
      { id: "state", header: t("audience.state"), cell: (row) => <SubscriberState of={row} /> },
      {
        id: "at",
        header: t("audience.added"),
        align: "end",
        cell: (row) => <RelativeTime at={row.created_at} />,
      },
    ],
    [t, i18n.language, groups],
  );
}
