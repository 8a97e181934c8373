import { Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useEffect, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useLive } from "@/api/live";
import type { SessionView } from "@/api/shapes";
import { LivePill } from "@/ui/live_pill";
import { PageHeader } from "@/ui/page_header";
import { SessionStatePill } from "@/ui/state_pill";
import { ErrorState, PageSkeleton } from "@/ui/states";
import { History } from "./history";
import { MessageTab } from "./message_tab";
import { Overview } from "./overview";
import { sessionBindings, sessionQuery } from "./queries";
import { RecipientsTab } from "./recipients_tab";
import { RepliesTab } from "./replies_tab";
import { ScheduleCard } from "./schedule_card";
import { SessionActions } from "./session_actions";
import classes from "./session_page.module.css";
import { Stages } from "./stages";
import { StateNotice } from "./state_notice";
import { TABS, tabOf } from "./tabs";
import { WaitingNotice } from "./waiting_notice";

const MOVING: ReadonlySet<SessionView["state"]> = new Set([
  "screening",
  "awaiting_validation",
  "approved",
  "preparing",
  "awaiting_credits",
  "sending",
  "paused",
  "settling",
]);

export function SessionPage() {
  const { t } = useTranslation();
  const { sessionId } = useParams({ from: "/shell/workspace/campaigns/$sessionId" });
  const session = useQuery({
    ...sessionQuery(sessionId),
    refetchInterval: ({ state }) =>
      state.data !== undefined && MESSAGELESS.has(state.data.state)
        ? ASK_INTERVAL_MS
        : state.data?.state === "scheduled" && ASK_PLANNED_INTERVAL_MS,
  });
  if (session.data === undefined) {
    if (session.isError) {
      return <ErrorState error={session.error} onRetry={() => void session.refetch()} />;
    }
    return <PageSkeleton />;
  }
  return <SessionReport key={sessionId} session={session.data} unnamed={t("campaigns.unnamed")} />;
}

// Live updates tell of messages; what happens before the first one is asked for.
const MESSAGELESS: ReadonlySet<SessionView["state"]> = new Set([
  "screening",
  "awaiting_validation",
  "approved",
  "preparing",
  "awaiting_credits",
]);
// A planned one changes at its time, or when somebody else moves it.
const ASK_PLANNED_INTERVAL_MS = 10_000;
const ASK_INTERVAL_MS = 2_000;

const NOTHING_LIVE = [] as const;

function SessionReport({ session, unnamed }: { session: SessionView; unnamed: string }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { tab } = useSearch({ from: "/shell/workspace/campaigns/$sessionId" });
  const isMoving = MOVING.has(session.state);
  const bindings = useMemo(
    () => (isMoving ? sessionBindings(session.id) : NOTHING_LIVE),
    [isMoving, session.id],
  );
  const live = useLive(bindings);
  const { refetch } = useQuery(sessionQuery(session.id));
  const seen = useRef(session.state);
  useEffect(() => {
    if (seen.current === session.state) return;
    seen.current = session.state;
    // The snapshot brought the state; its timeline and what one may do now come with a read.
    void refetch();
  }, [session.state, refetch]);

  return (
    <>
      <PageHeader
        trail={[
          <Link key="campaigns" to="/campaigns">
            {t("campaigns.title")}
          </Link>,
          session.campaign_name ?? unnamed,
        ]}
        title={session.campaign_name ?? unnamed}
        state={<SessionStatePill state={session.state} size="md" />}
        actions={
          <>
            {isMoving && (
              <LivePill state={live.state} onPause={(paused) => live.setPaused(paused)} />
            )}
            <SessionActions session={session} />
          </>
        }
      >
        <Stages session={session} />
      </PageHeader>
      <div className={classes.stack}>
        <StateNotice session={session} />
        <ScheduleCard session={session} />
        <WaitingNotice session={session} />
        <Tabs
          value={tab}
          onChange={(value) =>
            void navigate({
              to: "/campaigns/$sessionId",
              params: { sessionId: session.id },
              search: { tab: tabOf(value) },
              replace: true,
            })
          }
          keepMounted={false}
        >
          <Tabs.List className={classes.tabs}>
            {TABS.map((each) => (
              <Tabs.Tab key={each} value={each}>
                {t(`session.tab.${each}`)}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          <Tabs.Panel value="overview">
            <Overview session={session} />
          </Tabs.Panel>
          <Tabs.Panel value="recipients">
            <RecipientsTab session={session} />
          </Tabs.Panel>
          <Tabs.Panel value="left_out">
            <RecipientsTab session={session} excluded />
          </Tabs.Panel>
          <Tabs.Panel value="replies">
            <RepliesTab session={session} />
          </Tabs.Panel>
          <Tabs.Panel value="message">
            <MessageTab session={session} />
          </Tabs.Panel>
          <Tabs.Panel value="history">
            <History session={session} />
          </Tabs.Panel>
        </Tabs>
      </div>
    </>
  );
}
