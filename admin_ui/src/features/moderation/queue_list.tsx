import { Button, SegmentedControl, Select } from "@mantine/core";
import { IconChecks } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { LiveState } from "@/api/live";
import { useSession } from "@/api/session";
import { Kbd } from "@/ui/kbd";
import { LivePill } from "@/ui/live_pill";
import { useShortcuts } from "@/ui/shortcuts";
import { EmptyState, ErrorState, PageSkeleton } from "@/ui/states";
import { type CaseKey, queueQuery } from "./queries";
import { QueueItem } from "./queue_item";
import classes from "./queue_list.module.css";
import { LANES, type LaneName, QUEUE_VIEWS, type QueueViewName } from "./search";
import { useStableRows } from "./use_stable_rows";

type Props = {
  view: QueueViewName;
  lane: LaneName | undefined;
  selected: string | null;
  live: LiveState;
  onLane: (lane: LaneName | null) => void;
  onView: (view: QueueViewName) => void;
  onPick: (key: CaseKey) => void;
};

export function QueueList({ view, lane, selected, live, onLane, onView, onPick }: Props) {
  const { t } = useTranslation();
  const { t: said } = useTranslation("moderation");
  const me = useSession()?.account ?? null;
  const queue = useInfiniteQuery(queueQuery(view, lane));
  const all = queue.data?.pages.flatMap((page) => page.items);
  const { rows, waiting, showAll } = useStableRows(`${view} ${lane}`, all, (row) => row.case_id);
  const counts = queue.data?.pages[0]?.counts;
  const list = useRef<HTMLOListElement>(null);
  const at = rows?.findIndex((row) => row.case_id === selected) ?? -1;

  useEffect(() => {
    if (selected === null) return;
    list.current?.querySelector("[aria-current=true]")?.scrollIntoView({ block: "nearest" });
  }, [selected]);

  function move(by: number) {
    const row = rows?.[Math.max(0, Math.min(rows.length - 1, at + by))];
    if (row !== undefined) onPick({ tenant: row.tenant_id, case: row.case_id });
  }
  useShortcuts([
    { keys: "j", label: t("desk_page.key.next"), run: () => move(1) },
    { keys: "k", label: t("desk_page.key.previous"), run: () => move(at < 0 ? 1 : -1) },
    { keys: ".", label: t("desk_page.key.show_new"), disabled: waiting === 0, run: showAll },
  ]);

  const label = (name: QueueViewName) => {
    const count = name === "open" ? counts?.open : name === "mine" ? counts?.mine : undefined;
    return `${t(`desk_page.view.${name}`)}${count === undefined ? "" : ` ${count}`}`;
  };
  return (
    <section className={classes.queue} aria-label={t("desk_page.queue")}>
      <header>
        <div className={classes.title}>
          <h2>{t("desk_page.queue")}</h2>
          <LivePill state={live} />
        </div>
        <SegmentedControl
          fullWidth
          size="xs"
          aria-label={t("desk_page.views")}
          value={view}
          onChange={(value) => onView(value as QueueViewName)}
          data={QUEUE_VIEWS.map((value) => ({ value, label: label(value) }))}
        />
        <div className={classes.order}>
          <p>{view === "decided" ? t("desk_page.newest_first") : said("queue.slack_first")}</p>
          {view !== "decided" && (
            <Select
              size="xs"
              w={128}
              aria-label={said("queue.lane")}
              value={lane ?? "all"}
              allowDeselect={false}
              data={[
                { value: "all", label: said("queue.all_lanes") },
                ...LANES.map((value) => ({ value, label: said(`lane.${value}`) })),
              ]}
              onChange={(value) => onLane(value === "all" ? null : (value as LaneName))}
            />
          )}
        </div>
        {waiting > 0 && (
          <Button
            fullWidth
            variant="light"
            size="compact-md"
            rightSection={<Kbd keys="." />}
            onClick={showAll}
          >
            {t("desk_page.new_cases", { count: waiting })}
          </Button>
        )}
      </header>
      {rows === undefined && queue.isError && (
        <ErrorState error={queue.error} onRetry={() => void queue.refetch()} />
      )}
      {rows === undefined && !queue.isError && <PageSkeleton />}
      {rows?.length === 0 && (
        <EmptyState icon={IconChecks} title={t("desk_page.all_clear")}>
          {t("desk_page.all_clear_hint")}
        </EmptyState>
      )}
      <ol ref={list}>
        {rows?.map((row) => (
          <li key={row.case_id}>
            <QueueItem
              row={row}
              isMine={row.lease_holder !== null && row.lease_holder === me?.id}
              lookers={row.viewers.filter((name) => name !== me?.name)}
              current={row.case_id === selected}
              onPick={() => onPick({ tenant: row.tenant_id, case: row.case_id })}
            />
          </li>
        ))}
        {queue.hasNextPage && (
          <li className={classes.more}>
            <Button
              variant="subtle"
              loading={queue.isFetchingNextPage}
              onClick={() => void queue.fetchNextPage()}
            >
              {t("table.more")}
            </Button>
          </li>
        )}
      </ol>
      {counts !== undefined && (
        <footer>
          <span>{t("desk_page.held", { count: counts.held })}</span>
          <span data-tone={counts.overdue > 0 ? "bad" : undefined}>
            {t("desk_page.overdue", { count: counts.overdue })}
          </span>
        </footer>
      )}
    </section>
  );
}
