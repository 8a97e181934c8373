import { MantineProvider } from "@mantine/core";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { useState } from "react";
import { afterEach, expect, test, vi } from "vitest";
import { Problem } from "@/api/problem";
import { type Column, DataTable } from "./data_table";
import { ShortcutProvider } from "./shortcuts";

type Row = { id: string; name: string; credits: number };

const columns: Column<Row>[] = [
  { id: "name", header: "Name", primary: true, cell: (row) => row.name },
  { id: "credits", header: "Credits", align: "end", cell: (row) => row.credits },
];

const three: Row[] = ["Ada", "Bea", "Cleo"].map((name, index) => ({
  id: `r${index}`,
  name,
  credits: index,
}));

type Overrides = Partial<Parameters<typeof DataTable<Row>>[0]>;

function Story(overrides: Overrides) {
  const [ids, setIds] = useState<string[]>([]);
  return (
    <MantineProvider env="test">
      <ShortcutProvider>
        <DataTable
          label="People"
          columns={columns}
          rows={three}
          rowId={(row) => row.id}
          rowLabel={(row) => row.name}
          empty={<p>Nobody yet</p>}
          keys
          selection={{ ids, onChange: setIds }}
          {...overrides}
        />
        <output>{ids.join(" ")}</output>
      </ShortcutProvider>
    </MantineProvider>
  );
}

function press(key: string, shiftKey = false) {
  fireEvent.keyDown(document.body, { key, shiftKey });
}

afterEach(cleanup);

test("J and K move, Enter opens the row one stands on", () => {
  const onOpen = vi.fn();
  render(<Story onOpen={onOpen} />);
  press("Enter");
  expect(onOpen).not.toHaveBeenCalled();
  press("j");
  press("j");
  press("k");
  press("j");
  press("Enter");
  expect(onOpen).toHaveBeenCalledWith(three[1]);
});

test("X selects, Shift+X selects the range, the box selects all", () => {
  render(<Story />);
  press("j");
  press("x");
  press("j");
  press("j");
  press("X", true);
  expect(screen.getByText("r0 r1 r2")).toBeTruthy();
  fireEvent.click(screen.getByLabelText("Select Bea"));
  expect(screen.getByText("r0 r2")).toBeTruthy();
});

test("a click on the box selects and does not open", () => {
  const onOpen = vi.fn();
  render(<Story onOpen={onOpen} />);
  fireEvent.click(screen.getByLabelText("Select Ada"));
  expect(onOpen).not.toHaveBeenCalled();
  fireEvent.click(screen.getByText("Ada"));
  expect(onOpen).toHaveBeenCalledWith(three[0]);
});

test("no rows, no answer yet, and a problem have a face each", async () => {
  const { rerender } = render(<Story rows={[]} />);
  expect(screen.getByText("Nobody yet")).toBeTruthy();
  rerender(<Story rows={undefined} />);
  await waitFor(() => expect(screen.getByRole("status", { name: "Loading" })).toBeTruthy());
  const onRetry = vi.fn();
  const problem = new Problem({ status: 503, code: "unavailable", title: "Down" }, "r-1");
  rerender(<Story rows={undefined} error={problem} onRetry={onRetry} />);
  expect(screen.getByRole("alert").textContent).toContain("not available right now");
  expect(screen.getByRole("alert").textContent).toContain("r-1");
  fireEvent.click(screen.getByText("Try again"));
  expect(onRetry).toHaveBeenCalledTimes(1);
});

test("a failed next page keeps the rows that stand", () => {
  render(<Story error={new Error("lost")} onLoadMore={() => undefined} />);
  expect(screen.getByText("Ada")).toBeTruthy();
  expect(screen.getByRole("alert")).toBeTruthy();
});
