import { Button, TextInput } from "@mantine/core";
import { IconLinkOff, IconUserQuestion } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { DiffView } from "@/ui/diff_view";
import { Kbd } from "@/ui/kbd";
import { LeaseClock } from "@/ui/lease_clock";
import { Section } from "@/ui/page_header";
import { MessageBubble, type TextPiece } from "@/ui/phone_preview";
import { StatusPill, Tag } from "@/ui/status_pill";
import classes from "./case_pane.module.css";
import { approvedText, CASE_DEADLINE_MS, type QueueItem, rendered, submittedText } from "./samples";

const LEASE_MS = 300_000;

export function CasePane({ item, now }: { item: QueueItem; now: number }) {
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
          words={(clock) => `Held by you, ${clock}`}
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
        <Button data-tone="ok" rightSection={<Kbd keys="a" />}>
          Approve
        </Button>
        <Button variant="default" rightSection={<Kbd keys="c" />}>
          Ask changes
        </Button>
        <Button variant="default" data-tone="bad" rightSection={<Kbd keys="r" />}>
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
