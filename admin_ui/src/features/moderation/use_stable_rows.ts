import { useRef, useState } from "react";

/**
 * Rows keep their places under the cursor: what left disappears, what changed is redrawn, and what
 * would push others down waits at the door until it is asked in. At the end of the list, and in an
 * empty one, a new row pushes nobody: it simply comes in. Another `list` begins anew.
 */
export function useStableRows<Row>(
  list: string,
  rows: readonly Row[] | undefined,
  idOf: (row: Row) => string,
) {
  const shown = useRef<{ list: string; ids: readonly string[] }>({ list, ids: [] });
  const [, redraw] = useState(0);
  if (shown.current.list !== list) shown.current = { list, ids: [] };
  if (rows === undefined) return { rows: undefined, waiting: 0, showAll: () => undefined };
  const byId = new Map(rows.map((row) => [idOf(row), row]));
  const stayed = shown.current.ids.filter((id) => byId.has(id));
  const known = new Set(stayed);
  const last = rows.findLastIndex((row) => known.has(idOf(row)));
  const ids = [...stayed, ...rows.slice(last + 1).map(idOf)];
  shown.current = { list, ids };
  return {
    rows: ids.flatMap((id) => byId.get(id) ?? []),
    waiting: rows.length - ids.length,
    showAll: () => {
      shown.current = { list, ids: rows.map(idOf) };
      redraw((n) => n + 1);
    },
  };
}
