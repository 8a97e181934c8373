import { cleanup, fireEvent, render } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { ShortcutProvider, useShortcuts } from "./shortcuts";

afterEach(() => {
  cleanup();
  localStorage.clear();
});

function mount() {
  const approve = vi.fn();
  const go = vi.fn();
  function Page() {
    useShortcuts([
      { keys: "a", label: "Approve", run: approve },
      { keys: "g c", label: "Campaigns", run: go },
    ]);
    return (
      <>
        <input aria-label="note" />
        <input type="checkbox" aria-label="box" />
      </>
    );
  }
  const page = render(
    <ShortcutProvider>
      <Page />
    </ShortcutProvider>,
  );
  return { approve, go, note: page.getByLabelText("note"), box: page.getByLabelText("box") };
}

test("a plain key runs, a sequence too", () => {
  const { approve, go } = mount();
  fireEvent.keyDown(document.body, { key: "a" });
  fireEvent.keyDown(document.body, { key: "g" });
  fireEvent.keyDown(document.body, { key: "c" });
  expect(approve).toHaveBeenCalledTimes(1);
  expect(go).toHaveBeenCalledTimes(1);
});

test("a ticked box does not swallow the keys", () => {
  const { approve, box } = mount();
  fireEvent.keyDown(box, { key: "a" });
  expect(approve).toHaveBeenCalledTimes(1);
});

test("Shift with a letter is another key", () => {
  const { approve } = mount();
  fireEvent.keyDown(document.body, { key: "A", shiftKey: true });
  expect(approve).not.toHaveBeenCalled();
});

test.each([
  ["a modifier", { ctrlKey: true }],
  ["another modifier", { metaKey: true }],
  ["a held key", { repeat: true }],
])("not with %s", (_case, init) => {
  const { approve } = mount();
  fireEvent.keyDown(document.body, { key: "a", ...init });
  expect(approve).not.toHaveBeenCalled();
});

test("not while typing, and not under a dialog", () => {
  const { approve, note } = mount();
  fireEvent.keyDown(note, { key: "a" });
  const dialog = document.createElement("div");
  dialog.setAttribute("role", "dialog");
  document.body.append(dialog);
  fireEvent.keyDown(document.body, { key: "a" });
  dialog.remove();
  expect(approve).not.toHaveBeenCalled();
});

test("not when the person switched single keys off", () => {
  localStorage.setItem("clearsend.single_keys", "off");
  const { approve } = mount();
  fireEvent.keyDown(document.body, { key: "a" });
  expect(approve).not.toHaveBeenCalled();
});
