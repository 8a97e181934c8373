import { MantineProvider } from "@mantine/core";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { ShortcutHelp } from "./shortcut_help";
import { ShortcutProvider, useShortcuts } from "./shortcuts";

afterEach(cleanup);

function Page() {
  useShortcuts([
    { keys: "enter", label: "Claim the next case", disabled: true, run: () => undefined },
    { keys: "enter", label: "Claim", run: () => undefined },
  ]);
  return null;
}

test("the list says what a key does now, and nothing else of that key", async () => {
  render(
    <MantineProvider env="test">
      <ShortcutProvider>
        <Page />
        <ShortcutHelp />
      </ShortcutProvider>
    </MantineProvider>,
  );
  fireEvent.keyDown(document.body, { key: "?" });
  expect(await screen.findByText("Claim")).toBeTruthy();
  expect(screen.queryByText("Claim the next case")).toBeNull();
});
