import { Button, CloseButton, SegmentedControl, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconPlus, IconSearch, IconSend } from "@tabler/icons-react";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "@/api/session";
import type { SessionSummary } from "@/api/shapes";
import { type Column, DataTable } from "@/ui/data_table";
import { Kbd } from "@/ui/kbd";
import { PageHeader, Section } from "@/ui/page_header";
import { useShortcuts } from "@/ui/shortcuts";
import { EmptyState } from "@/ui/states";
import { campaignColumns } from "./campaign_columns";
import classes from "./campaigns_page.module.css";
import { ForecastNotice } from "./forecast_notice";
import { NewCampaign } from "./new_campaign";
import { sessionsQuery } from "./queries";
import { type CampaignsView, STATES_OF_VIEW, VIEWS } from "./views";

const SEARCH_AFTER_MS = 250;
const WRITING_ROLES: ReadonlySet<string> = new Set(["owner", "manager", "sender", "editor"]);

export function CampaignsPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { view, search } = useSearch({ from: "/shell/workspace/campaigns" });
  const [creating, setCreating] = useState(false);
  const find = useRef<HTMLInputElement>(null);
  const mayWrite = WRITING_ROLES.has(useSession()?.member_role ?? "");
  const list = useInfiniteQuery({
    ...sessionsQuery(STATES_OF_VIEW[view], search),
    placeholderData: keepPreviousData,
  });

  const show = (next: { view?: CampaignsView; search?: string }) =>
    void navigate({
      to: "/campaigns",
      search: { view: next.view ?? view, search: next.search ?? search },
      replace: true,
    });
  const searchLater = useDebouncedCallback(
    (value: string) => show({ search: value.trim() }),
    SEARCH_AFTER_MS,
  );

  function open({ id, state }: SessionSummary) {
    if (state === "draft" && mayWrite) {
      void navigate({
        to: "/campaigns/$sessionId/edit",
        params: { sessionId: id },
        search: { step: "audience" },
      });
    } else void navigate({ to: "/campaigns/$sessionId", params: { sessionId: id } });
  }

  useShortcuts([
    { keys: "n", label: t("campaigns.new"), disabled: !mayWrite, run: () => setCreating(true) },
    { keys: "/", label: t("campaigns.search"), run: () => find.current?.focus() },
  ]);

  const columns: Column<SessionSummary>[] = campaignColumns(t);
  const create = mayWrite && (
    <Button
      leftSection={<IconPlus size={16} />}
      rightSection={<Kbd keys="n" />}
      aria-keyshortcuts="n"
      onClick={() => setCreating(true)}
    >
      {t("campaigns.new")}
    </Button>
  );
  return (
    <>
      <PageHeader title={t("campaigns.title")} actions={create} />
      <div className={classes.bar}>
        <div className={classes.views}>
          <SegmentedControl
            aria-label={t("campaigns.views")}
            value={view}
            onChange={(value) => show({ view: value as CampaignsView })}
            data={VIEWS.map((value) => ({ value, label: t(`campaigns.view.${value}`) }))}
          />
        </div>
        <TextInput
          key={view}
          ref={find}
          className={classes.search}
          aria-label={t("campaigns.search")}
          placeholder={t("campaigns.search")}
          defaultValue={search}
          leftSection={<IconSearch size={15} aria-hidden />}
          rightSection={
            search === "" ? (
              <Kbd keys="/" />
            ) : (
              <CloseButton
                size="sm"
                aria-label={t("campaigns.clear")}
                onClick={() => {
                  if (find.current !== null) find.current.value = "";
                  show({ search: "" });
                }}
              />
            )
          }
          onChange={(event) => searchLater(event.currentTarget.value)}
        />
      </div>
      <div className={classes.notice}>
        <ForecastNotice />
      </div>
      <Section flush>
        <DataTable
          label={t("campaigns.title")}
          columns={columns}
          rows={list.data?.pages.flatMap((page) => page.items)}
          rowId={(row) => row.id}
          rowLabel={(row) => row.campaign_name ?? t("campaigns.unnamed")}
          error={list.error}
          onRetry={() => void list.refetch()}
          onOpen={open}
          keys
          onLoadMore={list.hasNextPage ? () => void list.fetchNextPage() : undefined}
          loadingMore={list.isFetchingNextPage}
          empty={<Nothing view={view} search={search} action={create} />}
        />
      </Section>
      <NewCampaign opened={creating} onClose={() => setCreating(false)} />
    </>
  );
}

type NothingProps = { view: CampaignsView; search: string; action: React.ReactNode };

function Nothing({ view, search, action }: NothingProps) {
  const { t } = useTranslation();
  if (search !== "" || view !== "all") {
    return (
      <EmptyState icon={IconSearch} title={t("campaigns.none_here")}>
        {t("campaigns.none_here_hint")}
      </EmptyState>
    );
  }
  return (
    <EmptyState icon={IconSend} title={t("campaigns.none")} action={action}>
      {t("campaigns.none_hint")}
    </EmptyState>
  );
}
