import classes from "./avatar.module.css";

function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const last = words.length > 1 ? (words.at(-1) ?? "") : "";
  return `${words[0]?.charAt(0) ?? ""}${last.charAt(0)}`.toUpperCase();
}

/** Initials: no picture is ever loaded from elsewhere. `square` for companies. */
export function Avatar({ name, square = false }: { name: string; square?: boolean }) {
  return (
    <span className={classes.avatar} data-square={square || undefined} aria-hidden>
      {initials(name)}
    </span>
  );
}
