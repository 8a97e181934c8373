import {
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";

export type Shortcut = {
  /** One key ("j", "?", "[") or a sequence of two ("g c"). */
  keys: string;
  label: string;
  run: () => void;
  disabled?: boolean;
};

const SEQUENCE_WINDOW_MS = 1_000;
const STORAGE_KEY = "clearsend.single_keys";

type Registry = {
  enabled: boolean;
  setEnabled: (enabled: boolean) => void;
  register: (shortcuts: () => readonly Shortcut[]) => () => void;
  list: () => Shortcut[];
};

const ShortcutContext = createContext<Registry | null>(null);

function storedChoice(): boolean {
  try {
    return localStorage.getItem(STORAGE_KEY) !== "off";
  } catch {
    return true;
  }
}

function typesText(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  // A ticked box keeps the focus, and J must still move on.
  if (target.matches("input[type=checkbox], input[type=radio]")) return false;
  return (
    target.isContentEditable ||
    target.matches("input, textarea, select, [role=combobox], [role=listbox], [role=menu] *")
  );
}

/** A single key must never steal Ctrl+R, fire while typing or under a dialog, nor run on repeat. */
export function isShortcutPress(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.repeat || event.isComposing) return false;
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  if (typesText(event.target)) return false;
  // Enter on a focused control is that control's own; what is open already has no use for it.
  if (event.key === "Enter" && event.target instanceof Element) {
    const control = event.target.closest("a, button, summary, [role=button]");
    if (control !== null && control.getAttribute("aria-current") !== "true") return false;
  }
  return document.querySelector('[role="dialog"], [role="alertdialog"]') === null;
}

/** "X" is "shift+x"; "?" stays "?", since which keys make it depends on the keyboard. */
function pressedKey({ key, shiftKey }: KeyboardEvent): string {
  const lower = key.toLowerCase();
  return shiftKey && /^[a-z]$/.test(lower) ? `shift+${lower}` : lower;
}

export function ShortcutProvider({ children }: { children: ReactNode }) {
  const [enabled, setEnabled] = useState(storedChoice);
  const sources = useRef(new Set<() => readonly Shortcut[]>());

  const registry = useMemo<Registry>(() => {
    const list = () => [...sources.current].flatMap((source) => source());
    return {
      enabled,
      setEnabled(next) {
        setEnabled(next);
        try {
          localStorage.setItem(STORAGE_KEY, next ? "on" : "off");
        } catch {
          // The choice then lasts for this visit.
        }
      },
      register(source) {
        sources.current.add(source);
        return () => sources.current.delete(source);
      },
      list,
    };
  }, [enabled]);

  useEffect(() => {
    if (!enabled) return undefined;
    let lead = { key: "", at: 0 };
    function onKeyDown(event: KeyboardEvent) {
      if (!isShortcutPress(event)) return;
      const key = pressedKey(event);
      const sequence = event.timeStamp - lead.at < SEQUENCE_WINDOW_MS ? `${lead.key} ${key}` : null;
      lead = { key, at: event.timeStamp };
      // The page's own keys were registered last and win over the shell's.
      // One that is out of action hides none behind it.
      const shortcuts = registry
        .list()
        .filter(({ disabled }) => !disabled)
        .reverse();
      const wanted =
        shortcuts.find((s) => s.keys === sequence) ?? shortcuts.find((s) => s.keys === key);
      if (wanted === undefined) return;
      event.preventDefault();
      lead = { key: "", at: 0 };
      wanted.run();
    }
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [enabled, registry]);

  return <ShortcutContext value={registry}>{children}</ShortcutContext>;
}

export function useShortcutRegistry(): Registry {
  const registry = useContext(ShortcutContext);
  if (registry === null) throw new Error("ShortcutProvider is missing above this component");
  return registry;
}

/** Registers while mounted; reads the newest closures, so callers need no memo. */
export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  const { register } = useShortcutRegistry();
  const latest = useRef(shortcuts);
  useEffect(() => {
    latest.current = shortcuts;
  });
  useEffect(() => register(() => latest.current), [register]);
}
