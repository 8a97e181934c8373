import { MantineProvider } from "@mantine/core";
import { cleanup, render, screen } from "@testing-library/react";
import { Suspense } from "react";
import { afterEach, expect, test } from "vitest";
import { loadAreas, loadDeskWords } from "@/i18n";
import { Findings } from "./findings";
import type { CaseView } from "./queries";

afterEach(cleanup);

test("a value that is missing is named as the text names it", async () => {
  await Promise.all([loadDeskWords(), loadAreas("queue")]);
  const seen = {
    hits: [],
    clean_rules: [],
    dry_run: { missing: { "attribute:first name": 312, "property:code": 1 } },
  } as unknown as CaseView;
  render(
    <MantineProvider env="test">
      <Suspense>
        <Findings seen={seen} />
      </Suspense>
    </MantineProvider>,
  );
  expect(await screen.findByText("“first name” is empty for 312 recipients")).toBeTruthy();
  expect(screen.getByText("The text’s own value “code” is empty for 1 recipient")).toBeTruthy();
});
