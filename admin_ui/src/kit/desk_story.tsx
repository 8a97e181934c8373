import { Button, TextInput } from "@mantine/core";
import {
  IconAlertTriangleFilled,
  IconChartBar,
  IconHistory,
  IconInbox,
  IconLinkOff,
  IconSettings,
  IconUserQuestion,
} from "@tabler/icons-react";
import { type ReactNode, useMemo, useState } from "react";
import { Avatar } from "@/ui/avatar";
import { Bars } from "@/ui/charts/bars";
import { DiffView } from "@/ui/diff_view";
import { Kbd } from "@/ui/kbd";
import { LeaseClock } from "@/ui/lease_clock";
import { LivePill } from "@/ui/live_pill";
import { Section } from "@/ui/page_header";
import { MessageBubble, type TextPiece } from "@/ui/phone_preview";
import { ShellFrame, type ShellItem } from "@/ui/shell_frame";
import { useShortcuts } from "@/ui/shortcuts";
import { StatusPill, Tag, type Tone } from "@/ui/status_pill";
import classes from "./desk_story.module.css";
import { approvedText, type QueueItem, queue, rendered, submittedText } from "./samples";
import { StoryMenu } from "./story_menu";

const CASE_DEADLINE_MS = 900_000;
const LEASE_MS = 300_000;

const items: ShellItem[] = [
  { to: "/kit/desk", label: "Queue", icon: IconInbox, active: true, count: 17 },
  { to: "/kit", label: "Decisions", icon: IconHistory },
  { to: "/login", label: "Service level", icon: IconChartBar },
  { to: "/login", label: "Rules", icon: IconSettings },
];

export function DeskStory() {
  const [current, setCurrent] = useState(0);
  const now = useMemo(() => Date.now(), []);
  const move = (by: number) => setCurrent((at) => Math.max(0, Math.min(queue.length - 1, at + by)));
  useShortcuts([
    { keys: "j", label: "Next case", run: () => move(1) },
    { keys: "k", label: "Previous case", run: () => move(-1) },
  ]);
  const item = queue[current] ?? queue[0];
  if (item === undefined) return null;
  return (
    <ShellFrame variant="rail" items={items} menu={(c) => <StoryMenu compact={c} />} bleed>
      <div className={classes.desk}>
        <section className={classes.queue} aria-label="Queue">
          <header>
            <h2>Validation queue</h2>
            <LivePill state="live" />
          </header>
          <ol>
            {queue.map((each, index) => (
              <li key={each.id}>
                <QueueButton
                  item={each}
                  now={now}
                  current={index === current}
                  onPick={() => setCurrent(index)}
                />
              </li>
            ))}
          </ol>
        </section>
        <CasePane item={item} now={now} />
        <TenantPane />
      </div>
    </ShellFrame>
  );
}

type QueueButtonProps = { item: QueueItem; now: number; current: boolean; onPick: () => void };

function riskTone(risk: number): Tone {
  if (risk >= 80) return "bad";
  return risk >= 35 ? "warn" : "idle";
}

function QueueButton({ item, now, current, onPick }: QueueButtonProps) {
  const until = new Date(now + item.leftMs).toISOString();
  const risk = riskTone(item.risk);
  return (
    <button type="button" className={classes.item} aria-current={current} onClick={onPick}>
      <LeaseClock until={until} totalMs={CASE_DEADLINE_MS} label={`Due: ${item.name}`} />
      <span className={classes.words}>
        <span className={classes.first}>
          <strong>{item.name}</strong>
          {item.holder !== undefined && (
            <Tag tone={item.holder === "You" ? "accent" : "idle"}>{item.holder}</Tag>
          )}
        </span>
        <span>
          {item.tenant} · {item.recipients} recipients
        </span>
        <span className={classes.tags}>
          {risk === "idle" ? (
            <Tag>Risk {item.risk}</Tag>
          ) : (
            <StatusPill tone={risk} icon="warning">
              Risk {item.risk}
            </StatusPill>
          )}
          {item.tags.map((tag) => (
            <Tag key={tag}>{tag}</Tag>
          ))}
        </span>
      </span>
    </button>
  );
}

function CasePane({ item, now }: { item: QueueItem; now: number }) {
  return (
    <div className={classes.case}>
      <header className={classes.caseHead}>
        <div>
          <h1>{item.name}</h1> <span className="mono">S-1047</span>
          <p>
            From <strong>NORDLYS</strong> to {item.recipients} recipients, 51,904 segments, 51,904
            credits
          </p>
        </div>
        <LeaseClock
          until={new Date(now + item.leftMs).toISOString()}
          totalMs={CASE_DEADLINE_MS}
          label="Deadline"
          shape="pill"
        />
        <LeaseClock
          until={new Date(now + 171_000).toISOString()}
          totalMs={LEASE_MS}
          label="Held by you"
          shape="pill"
        />
      </header>
      <div className={classes.body}>
        <Section flush label="Findings">
          <Finding
            icon={<IconLinkOff size={18} />}
            tone="bad"
            action="Inspect"
            keys="l"
            title="A link leads to a host this company has never used"
          >
            nordlys.example/bf26, registered 6 days ago
          </Finding>
          <Finding
            icon={<IconUserQuestion size={18} />}
            tone="warn"
            action="Show 312"
            keys="m"
            title="first_name is empty for 312 recipients"
          >
            They would read “Hi ,”. No default is set in the template.
          </Finding>
          <div className={classes.passed}>
            {["Sender approved", "Opt-out text", "Consent proof", "No blocked words"].map(
              (word) => (
                <StatusPill key={word} tone="ok">
                  {word}
                </StatusPill>
              ),
            )}
          </div>
        </Section>
        <h2 className={classes.samplesTitle}>Rendered samples</h2>
        <div className={classes.samples}>
          <Sample
            phone="+47 91• ••• 28"
            tag={<Tag>Typical</Tag>}
            pieces={rendered.typical}
            foot="GSM-7, 147 of 160"
          />
          <Sample
            phone="+46 70• ••• 11"
            tag={<Tag tone="warn">Longest</Tag>}
            pieces={rendered.longest}
            foot="UCS-2, 96 of 134"
          />
          <Sample
            phone="+45 22• ••• 90"
            tag={<Tag tone="bad">Missing field</Tag>}
            pieces={rendered.missing}
            foot="GSM-7, 141 of 160"
          />
        </div>
        <Section
          title="Changed since the last approved version"
          aside="v3, approved 4 Nov by Mira K."
          flush
        >
          <DiffView
            before={{ label: "Approved v3", text: approvedText }}
            after={{ label: "Submitted v4", text: submittedText }}
          />
        </Section>
      </div>
      <DecisionBar />
    </div>
  );
}

type FindingProps = {
  icon: ReactNode;
  tone: "bad" | "warn";
  title: string;
  action: string;
  keys: string;
  children: ReactNode;
};

function Finding({ icon, tone, title, action, keys, children }: FindingProps) {
  return (
    <div className={classes.finding} data-tone={tone}>
      {icon}
      <div>
        <strong>{title}</strong>
        <p>{children}</p>
      </div>
      <Button variant="default" size="compact-md" rightSection={<Kbd keys={keys} />}>
        {action}
      </Button>
    </div>
  );
}

type SampleProps = { phone: string; tag: ReactNode; pieces: TextPiece[]; foot: string };

function Sample({ phone, tag, pieces, foot }: SampleProps) {
  return (
    <article className={classes.sample}>
      <header>
        <span className="mono">{phone}</span> {tag}
      </header>
      <MessageBubble pieces={pieces} />
      <footer>{foot}</footer>
    </article>
  );
}

function DecisionBar() {
  const reasons = ["Unsafe link", "Impersonation", "No opt-out", "Unclear consent", "Prohibited"];
  return (
    <footer className={classes.bar}>
      <fieldset>
        <legend>Reason</legend>
        {reasons.map((reason, index) => (
          <Button
            key={reason}
            variant="default"
            size="compact-md"
            leftSection={<Kbd keys={String(index + 1)} />}
          >
            {reason}
          </Button>
        ))}
      </fieldset>
      <div className={classes.buttons}>
        <Button className={classes.approve} rightSection={<Kbd keys="a" />}>
          Approve
        </Button>
        <Button variant="default" rightSection={<Kbd keys="c" />}>
          Ask changes
        </Button>
        <Button variant="default" className={classes.refuse} rightSection={<Kbd keys="r" />}>
          Refuse
        </Button>
        <TextInput
          aria-label="Note to the tenant"
          placeholder="Note to the tenant (N)"
          className={classes.note}
        />
        <Button variant="default" rightSection={<Kbd keys="u" />}>
          Release
        </Button>
      </div>
    </footer>
  );
}

function TenantPane() {
  return (
    <aside className={classes.tenant} aria-label="Company">
      <header>
        <Avatar name="Nordlys Retail" square />
        <div>
          <strong>Nordlys Retail</strong>
          <span>Customer since Mar 2024, Oslo</span>
        </div>
      </header>
      <dl>
        <dt>Approved first time</dt>
        <dd>96 of 98</dd>
        <dt>Complaints, 90 days</dt>
        <dd>0.02%</dd>
        <dt>Opt-outs, last send</dt>
        <dd>0.4%</dd>
        <dt>Credits</dt>
        <dd>66,240</dd>
      </dl>
      <h3>This send</h3>
      <Bars
        label="Recipients by country"
        bars={[
          { id: "no", label: "Norway", value: 34_229 },
          { id: "se", label: "Sweden", value: 10_606 },
          { id: "dk", label: "Denmark", value: 3_375 },
        ]}
      />
      <p className={classes.staffNote}>
        <strong>
          <IconAlertTriangleFilled size={13} aria-hidden /> Staff note
        </strong>
        Marketing uses an agency since October. Ask them to confirm new landing domains by phone.
      </p>
    </aside>
  );
}
