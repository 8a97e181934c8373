import { Button } from "@mantine/core";
import {
  IconChartBar,
  IconCreditCard,
  IconDownload,
  IconInbox,
  IconPlayerPause,
  IconPlayerStop,
  IconSend,
  IconSettings,
  IconTemplate,
  IconUsers,
} from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { DeskTools } from "@/app/desk_tools";
import { AreaChart } from "@/ui/charts/area_chart";
import { BarChart } from "@/ui/charts/bar_chart";
import { Bars } from "@/ui/charts/bars";
import { ConfirmDialog } from "@/ui/confirm_dialog";
import { CreditAmount } from "@/ui/credit_amount";
import { DiffView } from "@/ui/diff_view";
import { Kbd } from "@/ui/kbd";
import { LivePill } from "@/ui/live_pill";
import { PageHeader, Section } from "@/ui/page_header";
import { ProgressBar } from "@/ui/progress_bar";
import { RelativeTime } from "@/ui/relative_time";
import { ShellFrame, type ShellItem } from "@/ui/shell_frame";
import { useShortcuts } from "@/ui/shortcuts";
import { Stat, StatRow } from "@/ui/stat";
import { SessionStatePill } from "@/ui/state_pill";
import classes from "./kit.module.css";
import { Composer, States } from "./part_stories";
import { approvedText, days, failures, minutes, submittedText } from "./samples";
import { StoryMenu } from "./story_menu";
import { TableStories } from "./table_stories";

const items: ShellItem[] = [
  { to: "/kit", label: "Campaigns", icon: IconSend, active: true },
  { to: "/kit/desk", label: "Inbox", icon: IconInbox, count: 12 },
  { to: "/login", label: "Subscribers", icon: IconUsers },
  { to: "/login", label: "Templates", icon: IconTemplate },
  { to: "/login", label: "Statistics", icon: IconChartBar },
  { to: "/login", label: "Credits and billing", icon: IconCreditCard },
  { to: "/login", label: "Settings", icon: IconSettings },
];

export function KitPage() {
  return (
    <DeskTools>
      <ShellFrame
        variant="nav"
        subtitle="Nordlys Retail"
        items={items}
        menu={(compact) => <StoryMenu compact={compact} />}
        footer={<CreditsCard />}
      >
        <Progress />
        <div className={classes.stack}>
          <Charts />
          <TableStories />
          <Composer />
          <Section title="Changed since the last approved version" aside="v3, approved 4 Nov" flush>
            <DiffView
              before={{ label: "Approved v3", text: approvedText }}
              after={{ label: "Submitted v4", text: submittedText }}
            />
          </Section>
          <States />
        </div>
      </ShellFrame>
    </DeskTools>
  );
}

function CreditsCard() {
  return (
    <div className={classes.credits}>
      <span>Credits</span>
      <strong>
        <CreditAmount credits={66_240} />
      </strong>
      <ProgressBar
        label="Credits free and held"
        size="sm"
        legend={false}
        delivered={49_600}
        waiting={0}
        failed={0}
        queued={16_640}
      />
      <span>
        <CreditAmount credits={16_640} /> held for this session
      </span>
    </div>
  );
}

function Progress() {
  const [stopping, setStopping] = useState(false);
  const [paused, setPaused] = useState(false);
  useShortcuts([{ keys: "p", label: "Pause", run: () => setPaused(!paused) }]);
  const lastReceipt = useMemo(() => new Date(Date.now() - 4_000).toISOString(), []);
  return (
    <>
      <PageHeader
        trail={[
          <a key="c" href="/kit">
            Campaigns
          </a>,
          "S-1047",
        ]}
        title="Black Friday early access"
        state={<SessionStatePill state={paused ? "paused" : "sending"} />}
        actions={
          <>
            <LivePill state={paused ? "paused" : "live"} onPause={setPaused} />
            <Button
              variant="default"
              leftSection={<IconPlayerPause size={15} />}
              rightSection={<Kbd keys="p" />}
              onClick={() => setPaused(!paused)}
            >
              Pause
            </Button>
            <Button
              variant="default"
              data-tone="bad"
              leftSection={<IconPlayerStop size={15} />}
              onClick={() => setStopping(true)}
            >
              Stop
            </Button>
            <Button variant="default" leftSection={<IconDownload size={15} />}>
              Export
            </Button>
          </>
        }
      />
      <div className={classes.stack}>
        <Section>
          <div className={classes.hero}>
            <p>
              <strong>65.3%</strong> <span>31,257 of 47,898 recipients handled</span>
            </p>
            <dl>
              <div>
                <dt>Pace now</dt>
                <dd>11.6 per second</dd>
              </div>
              <div>
                <dt>Time left</dt>
                <dd>24 min</dd>
              </div>
              <div>
                <dt>Last receipt</dt>
                <dd>
                  <RelativeTime at={lastReceipt} />
                </dd>
              </div>
            </dl>
          </div>
          <ProgressBar
            label="Black Friday early access"
            delivered={28_914}
            waiting={1_702}
            failed={641}
            queued={16_641}
          />
        </Section>
        <StatRow label="Results so far">
          <Stat label="Delivery rate" value="97.8%" note="▲ 0.6 over your average" tone="ok" />
          <Stat label="Replies" value="84" note="12 unread" tone="accent" />
          <Stat label="Opt-outs" value="97" note="0.34%, normal for you" />
          <Stat label="Left out" value="312" note="every one with its reason" />
          <Stat
            label="Spent so far"
            value={<CreditAmount credits={31_240} />}
            note="of 47,880 credits held"
          />
        </StatRow>
      </div>
      <ConfirmDialog
        opened={stopping}
        onClose={() => setStopping(false)}
        onConfirm={() => setStopping(false)}
        title="Stop sending?"
        confirm="Stop sending"
        danger
        consent="I know that a stopped send cannot be resumed"
      >
        <p>
          <strong>30,616</strong> people already have it or will. <strong>16,641</strong> will not
          get it, and their credits come back at once.
        </p>
      </ConfirmDialog>
    </>
  );
}

function Charts() {
  return (
    <>
      <div className={classes.wideNarrow}>
        <AreaChart
          title="Messages per minute"
          atLabel="Minute"
          points={minutes}
          series={[
            { key: "delivered", label: "Delivered", tone: "ok" },
            { key: "failed", label: "Failed", tone: "bad" },
          ]}
          marks={[{ at: "20:18", label: "Carrier slow" }]}
        />
        <Section title="Why messages failed" aside="641 credits returned">
          <Bars label="Why messages failed" bars={failures} tone="bad" />
        </Section>
      </div>
      <BarChart
        title="Credits per day"
        atLabel="Day"
        points={days}
        series={[
          { key: "campaigns", label: "Campaigns", tone: "accent" },
          { key: "api", label: "API", tone: "info" },
        ]}
      />
    </>
  );
}
