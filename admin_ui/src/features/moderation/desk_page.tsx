import { Button } from "@mantine/core";
import { IconArrowLeft, IconInbox } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { useLive } from "@/api/live";
import { Kbd } from "@/ui/kbd";
import { useShortcuts } from "@/ui/shortcuts";
import { EmptyState, ErrorState, PageSkeleton } from "@/ui/states";
import { CasePane } from "./case_pane";
import { ConnectionNotice } from "./connection_notice";
import { undoNewest } from "./decision_toast";
import classes from "./desk_page.module.css";
import { usePendingVote } from "./pending_votes";
import { type CaseKey, caseQuery, QUEUE_BINDINGS } from "./queries";
import { QueueList } from "./queue_list";
import type { LaneName, QueueViewName } from "./search";
import { TenantPane } from "./tenant_pane";
import { useClaimNext } from "./writes";

export function DeskPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const search = useSearch({ from: "/shell/moderation/moderation" });
  const live = useLive(QUEUE_BINDINGS);
  const pending = usePendingVote();
  const { view, lane } = search;
  const key =
    search.tenant === undefined || search.case === undefined
      ? null
      : { tenant: search.tenant, case: search.case };

  const show = useCallback(
    (next: { view?: QueueViewName; lane?: LaneName | null; key?: CaseKey | null }) => {
      const chosen = next.key === undefined ? key : next.key;
      void navigate({
        to: "/moderation",
        search: {
          view: next.view ?? view,
          lane: next.lane === undefined ? lane : (next.lane ?? undefined),
          tenant: chosen?.tenant,
          case: chosen?.case,
        },
        replace: true,
      });
    },
    [navigate, view, lane, key],
  );
  const claimNext = useClaimNext(lane, (lease) =>
    show({ key: { tenant: lease.tenant_id, case: lease.case_id } }),
  );

  useShortcuts([
    {
      keys: "enter",
      label: t("desk_page.claim_next"),
      disabled: key !== null,
      run: () => claimNext.mutate("start"),
    },
    {
      keys: "z",
      label: t("desk_page.undo"),
      disabled: pending === null,
      run: () => pending !== null && undoNewest(pending),
    },
  ]);

  /** After a decision the next one by deadline is claimed and opened; none left is good news. */
  function goOn(after: string) {
    claimNext.mutate(after, { onError: () => show({ key: null }) });
  }

  return (
    <div className={classes.desk} data-open={key !== null || undefined}>
      <ConnectionNotice state={live.state} onReconnect={live.reconnect} />
      <QueueList
        view={view}
        lane={lane}
        onLane={(next) => show({ lane: next })}
        selected={key?.case ?? null}
        live={live.state}
        onView={(next) => show({ view: next, key: null })}
        onPick={(picked) => show({ key: picked })}
      />
      {key === null ? (
        <div className={classes.nothing}>
          <EmptyState
            icon={IconInbox}
            title={t("desk_page.pick")}
            heading="h1"
            action={
              <Button
                loading={claimNext.isPending}
                rightSection={<Kbd keys="enter" />}
                onClick={() => claimNext.mutate("start")}
              >
                {t("desk_page.claim_next")}
              </Button>
            }
          >
            {claimNext.error?.code === "queue_empty"
              ? t("desk_page.queue_empty")
              : t("desk_page.pick_hint")}
          </EmptyState>
        </div>
      ) : (
        <OneCase
          key={key.case}
          at={key}
          onClose={() => show({ key: null })}
          onDone={() => goOn(key.case)}
          onUndone={(undone) => show({ view: "open", key: undone })}
        />
      )}
    </div>
  );
}

type OneCaseProps = {
  at: CaseKey;
  onClose: () => void;
  onDone: () => void;
  onUndone: (key: CaseKey) => void;
};

function OneCase({ at, onClose, onDone, onUndone }: OneCaseProps) {
  const { t } = useTranslation();
  const seen = useQuery(caseQuery(at));
  const back = (
    <Button
      className={classes.back}
      variant="subtle"
      size="compact-md"
      leftSection={<IconArrowLeft size={16} />}
      onClick={onClose}
    >
      {t("desk_page.queue")}
    </Button>
  );
  if (seen.data === undefined) {
    return (
      <div className={classes.nothing}>
        {back}
        {seen.isError ? (
          <ErrorState error={seen.error} onRetry={() => void seen.refetch()} />
        ) : (
          <PageSkeleton />
        )}
      </div>
    );
  }
  return (
    <>
      <CasePane
        at={at}
        seen={seen.data}
        back={back}
        onReload={() => void seen.refetch()}
        onDone={onDone}
        onClose={onClose}
        onUndone={onUndone}
      />
      <TenantPane seen={seen.data} />
    </>
  );
}
