import { Button, Textarea } from "@mantine/core";
import { IconBuildingStore } from "@tabler/icons-react";
import { useState } from "react";
import { Problem } from "@/api/problem";
import { Section } from "@/ui/page_header";
import { PhonePreview, piecesOf } from "@/ui/phone_preview";
import { SegmentCounter } from "@/ui/segment_counter";
import { MessageStatePill, SessionStatePill } from "@/ui/state_pill";
import { EmptyState, ErrorState } from "@/ui/states";
import classes from "./kit.module.css";
import { rendered } from "./samples";

export function Composer() {
  const [text, setText] = useState(
    "Hi Ingrid, you’re in early. Black Friday opens for Nordlys Friends tonight at 20:00. Your code: FRIEND40. nordlys.example/bf26 Stop: reply STOP",
  );
  return (
    <Section title="Message">
      <div className={classes.composer}>
        <div>
          <Textarea
            label="Text"
            autosize
            minRows={6}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            mb="sm"
          />
          <SegmentCounter text={text} onReplace={setText} about />
        </div>
        <PhonePreview sender="NORDLYS" pieces={piecesOf(text)} caption="As typed" />
        <PhonePreview sender="NORDLYS" pieces={rendered.missing} caption="Missing field" />
      </div>
    </Section>
  );
}

export function States() {
  const problem = new Problem(
    {
      status: 409,
      code: "insufficient_credits",
      title: "The balance does not cover this send",
      detail: "47,880 credits are needed and 31,400 are available.",
    },
    "018f3c1e-77aa-7d11-9f0b-5a7d2c2f1e90",
  );
  return (
    <>
      <Section title="States of a session and of a message">
        <div className={classes.pills}>
          {(
            [
              "draft",
              "screening",
              "awaiting_validation",
              "approved",
              "scheduled",
              "preparing",
              "awaiting_credits",
              "sending",
              "paused",
              "settling",
              "completed",
              "missed",
              "refused",
              "cancelled",
            ] as const
          ).map((state) => (
            <SessionStatePill key={state} state={state} />
          ))}
        </div>
        <div className={classes.pills}>
          {(
            ["queued", "accepted", "delivered", "undelivered", "unconfirmed", "excluded"] as const
          ).map((state) => (
            <MessageStatePill key={state} state={state} />
          ))}
        </div>
      </Section>
      <div className={classes.halves}>
        <Section label="Empty">
          <EmptyState
            icon={IconBuildingStore}
            title="No campaigns yet"
            action={<Button>Write the first one</Button>}
          >
            A campaign says what goes to whom. It is checked by a person before anything leaves.
          </EmptyState>
        </Section>
        <Section label="Error">
          <ErrorState error={problem} safe="Nothing was sent." onRetry={() => undefined} />
        </Section>
      </div>
      <ErrorState error={problem} safe="Nothing was sent." onRetry={() => undefined} compact />
    </>
  );
}
