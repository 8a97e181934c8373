import { useRef, useState } from "react";

/**
 * Rows keep their places under the cursor: what left disappears, what changed is redrawn, and what
 * is new waits at the door until it is asked in.
 */
export function useStableRows<Row>(rows: readonly Row[] | undefined, idOf: (row: Row) => string) {
  const shown = useRef<string[] | null>(null);
  const [, redraw] = useState(0);
  if (rows === undefined) return { rows: undefined, waiting: 0, showAll: () => undefined };
  if (shown.current === null || shown.current.length === 0) shown.current = rows.map(idOf);
  const byId = new Map(rows.map((row) => [idOf(row), row]));
  const kept = shown.current.flatMap((id) => byId.get(id) ?? []);
  const keptIds = new Set(kept.map(idOf));
  return {
    rows: kept.length === 0 ? rows : kept,
    waiting: kept.length === 0 ? 0 : rows.filter((row) => !keptIds.has(idOf(row))).length,
    showAll: () => {
      shown.current = rows.map(idOf);
      redraw((n) => n + 1);
    },
  };
}
