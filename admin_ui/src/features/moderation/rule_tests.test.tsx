import { MantineProvider } from "@mantine/core";
import { cleanup, render, screen } from "@testing-library/react";
import { type ComponentProps, Suspense } from "react";
import { afterEach, expect, test } from "vitest";
import { loadAreas, loadDeskWords } from "@/i18n";
import { Result } from "./rule_tests";

afterEach(cleanup);

test("what rules would have made of the past is said in words, not in names of the program", async () => {
  await Promise.all([loadDeskWords(), loadAreas("queue")]);
  const result = {
    sessions: 1_200,
    fates_before: {},
    fates_after: {},
    people_per_day_before: 1,
    people_per_day_after: 2,
    overruled: { "approve>blocked": 3, "refuse>clean": 1_000 },
    flips: [
      {
        session_id: "1",
        before: "clean",
        after: "blocked",
        decided: "auto_approve",
        rules: ["no_opt_out"],
        text: "Free today",
      },
    ],
  };
  const given = { test: { finished_at: "2026-01-01T00:00:00Z", is_current: true }, result };
  render(
    <MantineProvider env="test">
      <Suspense>
        <Result {...(given as unknown as ComponentProps<typeof Result>)} />
      </Suspense>
    </MantineProvider>,
  );
  const against = "3 approved would be given back · 1,000 refused would come through clean";
  expect(await screen.findByText(against)).toBeTruthy();
  expect(screen.getByText("validated automatically")).toBeTruthy();
  expect(screen.getByText("No opt-out text")).toBeTruthy();
});
