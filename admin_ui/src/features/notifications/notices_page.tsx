import { Button, Switch, Tabs } from "@mantine/core";
import { IconAdjustments, IconBell } from "@tabler/icons-react";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { usePages } from "@/api/use_pages";
import { PageHeader, Section } from "@/ui/page_header";
import { EmptyState, ErrorState, PageSkeleton } from "@/ui/states";
import { BalanceWarnings } from "./balance_warnings";
import { NoticeLine } from "./notice_line";
import type { Notice } from "./notice_words";
import classes from "./notices.module.css";
import { Preferences } from "./preferences";
import { useMarkAllRead } from "./queries";

const route = getRouteApi("/shell/notices");

export function NoticesPage() {
  const { t } = useTranslation(["notices", "app"]);
  const { tab = "list" } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <>
      <PageHeader title={t("bell.title")} />
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(value) =>
          void navigate({
            search: { tab: value === "preferences" ? "preferences" : undefined },
            replace: true,
          })
        }
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="list" leftSection={<IconBell size={16} aria-hidden />}>
            {t("page.list")}
          </Tabs.Tab>
          <Tabs.Tab value="preferences" leftSection={<IconAdjustments size={16} aria-hidden />}>
            {t("page.preferences")}
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="list">
          <Listed />
        </Tabs.Panel>
        <Tabs.Panel value="preferences">
          <div className={classes.stack}>
            <Preferences />
            <BalanceWarnings />
          </div>
        </Tabs.Panel>
      </Tabs>
    </>
  );
}

function Listed() {
  const { t } = useTranslation(["notices", "app"]);
  const [unread, setUnread] = useState(false);
  const reading = useMarkAllRead();
  const { rows, error, onRetry, onLoadMore, loadingMore } = usePages<Notice>(
    "/v1/notices",
    { unread },
    ({ cursor, signal }) =>
      client.GET("/v1/notices", { params: { query: { unread, cursor } }, signal }),
  );
  return (
    <Section>
      <div className={classes.bar}>
        <Switch
          label={t("page.unread_only")}
          checked={unread}
          onChange={(event) => setUnread(event.currentTarget.checked)}
        />
        <Button
          variant="default"
          size="compact-md"
          loading={reading.isPending}
          onClick={() => reading.mutate(null)}
        >
          {t("bell.read_all")}
        </Button>
      </div>
      {error !== null && <ErrorState error={error} onRetry={onRetry} />}
      {rows === undefined && error === null && <PageSkeleton />}
      {rows?.length === 0 && (
        <EmptyState icon={IconBell} title={unread ? t("page.none_unread") : t("bell.none")}>
          {t("bell.none_text")}
        </EmptyState>
      )}
      {rows !== undefined && rows.length > 0 && (
        <ul className={classes.lines}>
          {rows.map((notice) => (
            <NoticeLine key={notice.id} notice={notice} />
          ))}
        </ul>
      )}
      {onLoadMore !== undefined && (
        <div className={classes.more}>
          <Button variant="default" loading={loadingMore} onClick={onLoadMore}>
            {t("app:table.more")}
          </Button>
        </div>
      )}
    </Section>
  );
}
