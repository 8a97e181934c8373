import { MantineProvider } from "@mantine/core";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { loadAreas, loadDeskWords } from "@/i18n";
import type { Verdict } from "./queries";
import { VerdictButtons } from "./verdict_buttons";

afterEach(cleanup);

async function shown() {
  await Promise.all([loadDeskWords(), loadAreas("queue")]);
  const ruled: Verdict[] = [];
  render(
    <MantineProvider env="test">
      <VerdictButtons
        asksTwice={false}
        armed={false}
        deciding={null}
        onRule={(verdict) => ruled.push(verdict)}
      />
    </MantineProvider>,
  );
  return { ruled, approve: screen.getByRole("button", { name: /^Approve/ }) };
}

test("the second half of a double click on what stood here before decides nothing", async () => {
  const { ruled, approve } = await shown();
  fireEvent.click(approve, { detail: 2 });
  expect(ruled).toEqual([]);
  fireEvent.click(approve, { detail: 1 });
  expect(ruled).toEqual(["approve"]);
});

test("two quick clicks on a decision are two", async () => {
  const { ruled, approve } = await shown();
  fireEvent.click(approve, { detail: 1 });
  fireEvent.click(approve, { detail: 2 });
  expect(ruled).toEqual(["approve", "approve"]);
});
