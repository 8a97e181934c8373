import { IconChartBar, IconHistory, IconInbox, IconSettings } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { DeskTools } from "@/app/desk_tools";
import { LeaseClock } from "@/ui/lease_clock";
import { LivePill } from "@/ui/live_pill";
import { ShellFrame, type ShellItem } from "@/ui/shell_frame";
import { useShortcuts } from "@/ui/shortcuts";
import { StatusPill, Tag, type Tone } from "@/ui/status_pill";
import { CasePane } from "./case_pane";
import classes from "./desk_story.module.css";
import { CASE_DEADLINE_MS, type QueueItem, queue } from "./samples";
import { StoryMenu } from "./story_menu";
import { TenantPane } from "./tenant_pane";

const items: ShellItem[] = [
  { to: "/kit/desk", label: "Queue", icon: IconInbox, active: true, count: 17 },
  { to: "/kit", label: "Decisions", icon: IconHistory, active: false },
  { to: "/login", label: "Service level", icon: IconChartBar, active: false },
  { to: "/login", label: "Rules", icon: IconSettings, active: false },
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
    <DeskTools>
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
    </DeskTools>
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
