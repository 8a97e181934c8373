import { useState } from "react";

/**
 * A document that is read, edited as a whole and saved against the version that was read. While
 * nothing was changed it follows the server.
 */
export function useEdited<Document>(read: Document) {
  const [edited, setEdited] = useState<Document | null>(null);
  return {
    value: edited ?? read,
    isChanged: edited !== null,
    change: (part: Partial<Document>) => setEdited({ ...(edited ?? read), ...part }),
    discard: () => setEdited(null),
  };
}

export function replaced<Item>(items: readonly Item[], at: number, item: Item): Item[] {
  return items.map((each, index) => (index === at ? item : each));
}

export function without<Item>(items: readonly Item[], at: number): Item[] {
  return items.filter((_, index) => index !== at);
}

/** The item one place up or down; at the ends nothing moves. */
export function moved<Item>(items: readonly Item[], at: number, by: number): Item[] {
  const to = at + by;
  const next = [...items];
  const item = next[at];
  if (item === undefined || to < 0 || to >= next.length) return next;
  next.splice(at, 1);
  next.splice(to, 0, item);
  return next;
}
