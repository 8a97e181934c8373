import { type RefObject, useEffect } from "react";

const EDGE_PX = 40;
const OPEN = "[data-active], [aria-current=page], [data-status=active]";

/** On a phone a row of tabs scrolls aside: the address may name one that is beyond its edge. */
export function useTabInView(row: RefObject<HTMLElement | null>, open: string): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: another tab is another place
  useEffect(() => {
    const list = row.current;
    if (list === null) return undefined;
    const reveal = () => {
      const tab = list.querySelector<HTMLElement>(OPEN);
      if (tab !== null) list.scrollLeft = tab.offsetLeft - list.offsetLeft - EDGE_PX;
    };
    reveal();
    const watch = new ResizeObserver(reveal);
    watch.observe(list);
    return () => watch.disconnect();
  }, [row, open]);
}
