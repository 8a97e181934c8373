import { expect, test } from "vitest";
import type { SessionView } from "@/api/shapes";
import { deliveryRate, paceOf, partsOf, secondsLeft } from "./figures";
import { mergeSnapshot } from "./queries";

const progress = {
  percent: 61,
  planned: 100,
  final: 61,
  queued: 20,
  waiting_receipt: 9,
  waiting_retry: 6,
  unconfirmed: 4,
  delivered: 50,
  failed: 8,
  cancelled: 2,
  excluded: 1,
  left_out: 12,
  submitted: 77,
  segments_accepted: 70,
  credits_captured: 70,
  credits_returned: 0,
  first_submitted_at: null,
  last_submitted_at: null,
  last_receipt_at: null,
};
const session = { id: "s", state: "sending", progress } as unknown as SessionView;

test("the four parts add up to what was planned", () => {
  const sum = Object.values(partsOf(session)).reduce((a, b) => a + b, 0);
  expect(sum).toBe(progress.planned);
});

test("the rate is of those with an end, and unknown before the first", () => {
  expect(deliveryRate(session)).toBeCloseTo(50 / 58);
  const none = { ...session, progress: { ...progress, delivered: 0, failed: 0 } };
  expect(deliveryRate(none)).toBeNull();
});

test("pace leaves out the minute that is not over", () => {
  expect(paceOf([{ submitted: 600 }, { submitted: 600 }, { submitted: 3 }])).toBe(10);
  expect(paceOf([{ submitted: 3 }])).toBeNull();
  expect(secondsLeft(session, 10)).toBe(2);
  expect(secondsLeft({ ...session, state: "paused" }, 10)).toBeNull();
});

test("a snapshot with delivery's own counter names changes the figures and the state", () => {
  const told = { accepted: 5, delivered: 55, undelivered: 3, unreachable: 2, rejected: 1 };
  const merged = mergeSnapshot(session, {
    topic: "session:s",
    version: 2,
    state: "settling",
    progress: { ...told, expired: 4, percent: 65, queued: 11, planned: 100 },
  });
  expect(merged.state).toBe("settling");
  expect(merged.progress).toMatchObject({
    waiting_receipt: 5,
    delivered: 55,
    failed: 10,
    percent: 65,
    queued: 11,
    left_out: 12,
  });
});
