import classes from "./kbd.module.css";

const APPLE = /Mac|iPhone|iPad/.test(globalThis.navigator?.userAgent ?? "");

function shown(key: string): string {
  if (key === "mod") return APPLE ? "⌘" : "Ctrl";
  if (key === "enter") return "↵";
  if (key === "shift") return "⇧";
  return key.length === 1 ? key.toUpperCase() : key;
}

/** `keys="mod+k"` or one key; for the eye, since aria-keyshortcuts on the control says it aloud. */
export function Kbd({ keys }: { keys: string }) {
  return (
    <span className={classes.keys} aria-hidden>
      {keys.split("+").map((key) => (
        <kbd key={key} className={classes.key}>
          {shown(key)}
        </kbd>
      ))}
    </span>
  );
}
