import { Button, Popover, Tooltip, UnstyledButton } from "@mantine/core";
import { IconBell } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { useLive } from "@/api/live";
import { EmptyState, ErrorState, PageSkeleton } from "@/ui/states";
import { NoticeLine } from "./notice_line";
import { UNREAD_SHOWN_MAX } from "./notice_words";
import classes from "./notices.module.css";
import { NOTICE_BINDINGS, useMarkAllRead } from "./queries";

const PREVIEWED_NOTICES = 8;
// News comes by itself; this is for a browser whose stream was lost.
const POLL_INTERVAL_MS = 60_000;

/** The members' bell, above the account's menu. */
export function Bell() {
  const { t } = useTranslation("notices");
  const [opened, setOpened] = useState(false);
  useLive(NOTICE_BINDINGS);
  const { data } = api.useQuery(
    "get",
    "/v1/notices/unread",
    {},
    { refetchInterval: POLL_INTERVAL_MS },
  );
  const unread = data?.unread ?? 0;
  return (
    <Popover
      opened={opened}
      onChange={setOpened}
      position="right-end"
      width={400}
      shadow="md"
      trapFocus
      returnFocus
    >
      <Popover.Target>
        <Tooltip label={t("bell.unread", { count: unread })} position="right">
          <UnstyledButton
            className={classes.bell}
            onClick={() => setOpened(!opened)}
            aria-expanded={opened}
            aria-haspopup="dialog"
          >
            <IconBell size={18} stroke={1.7} aria-hidden />
            <span>{t("bell.label")}</span>
            {unread > 0 && (
              <span className={classes.count}>
                {unread > UNREAD_SHOWN_MAX ? t("bell.many") : unread}
              </span>
            )}
          </UnstyledButton>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown className={classes.dropdown} aria-label={t("bell.title")}>
        {opened && <Newest unread={unread} onClose={() => setOpened(false)} />}
      </Popover.Dropdown>
    </Popover>
  );
}

function Newest({ unread, onClose }: { unread: number; onClose: () => void }) {
  const { t } = useTranslation("notices");
  const reading = useMarkAllRead();
  const { data, error, refetch } = api.useQuery("get", "/v1/notices", {
    params: { query: { limit: PREVIEWED_NOTICES } },
  });
  return (
    <div className={classes.popover}>
      <div className={classes.bar}>
        <h2>{t("bell.title")}</h2>
        {unread > 0 && (
          <Button
            size="compact-sm"
            variant="subtle"
            loading={reading.isPending}
            onClick={() => reading.mutate(null)}
          >
            {t("bell.read_all")}
          </Button>
        )}
      </div>
      {data === undefined && error === null && <PageSkeleton />}
      {error !== null && <ErrorState error={error} onRetry={() => void refetch()} compact />}
      {data?.items.length === 0 && (
        <EmptyState icon={IconBell} title={t("bell.none")}>
          {t("bell.none_text")}
        </EmptyState>
      )}
      {data !== undefined && data.items.length > 0 && (
        <ul className={classes.lines} data-scrolls>
          {data.items.map((notice) => (
            <NoticeLine key={notice.id} notice={notice} onOpen={onClose} />
          ))}
        </ul>
      )}
      <Button component={Link} to="/notices" variant="default" size="compact-md" onClick={onClose}>
        {t("bell.all")}
      </Button>
    </div>
  );
}
