import { Button } from "@mantine/core";
import { IconArrowLeft, IconInbox } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useLive } from "@/api/live";
import { Kbd } from "@/ui/kbd";
import { PlaceOfNotices } from "@/ui/notices";
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
import { useClaimNext, useHandBack } from "./writes";

// How often somebody chose what to look at; when the next case is asked for, that is kept: what comes
// after another choice (an undo, a click, another page) takes nobody away from it. Outside the page:
// an undo may be that of a decision before the desk was left and come back to.
let chosen = 0;

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

  const askedAt = useRef(0);
  useEffect(
    () => () => {
      chosen += 1;
    },
    [],
  );

  const show = useCallback(
    (next: { view?: QueueViewName; lane?: LaneName | null; key?: CaseKey | null }) => {
      if (next.key !== undefined) chosen += 1;
      const shown = next.key === undefined ? key : next.key;
      void navigate({
        to: "/moderation",
        search: {
          view: next.view ?? view,
          lane: next.lane === undefined ? lane : (next.lane ?? undefined),
          tenant: shown?.tenant,
          case: shown?.case,
        },
        replace: true,
      });
    },
    [navigate, view, lane, key],
  );
  const giveBack = useHandBack(() => undefined);
  const claimNext = useClaimNext(lane, ({ tenant_id, case_id, lease_fence }) => {
    const next = { tenant: tenant_id, case: case_id };
    if (askedAt.current === chosen) show({ key: next });
    else giveBack.mutate({ how: "release", key: next, lease_fence, reason: "" });
  });

  useShortcuts([
    {
      keys: "enter",
      label: t("desk_page.claim_next"),
      disabled: key !== null,
      run: () => goOn("start"),
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
    askedAt.current = chosen;
    claimNext.mutate(after, {
      onError: () => askedAt.current === chosen && show({ key: null }),
    });
  }

  return (
    <div className={classes.desk} data-open={key !== null || undefined}>
      <ConnectionNotice state={live.state} onReconnect={live.reconnect} />
      <div className={classes.side}>
        <PlaceOfNotices className={classes.notices} />
        <QueueList
          view={view}
          lane={lane}
          onLane={(next) => show({ lane: next })}
          selected={key?.case ?? null}
          live={live.state}
          onView={(next) => show({ view: next, key: null })}
          onPick={(picked) => show({ key: picked })}
        />
      </div>
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
                onClick={() => goOn("start")}
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
