import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useShortcuts } from "./shortcuts";

type Options = {
  ids: readonly string[];
  /** Falsy: the table has no keys of its own (two on one page would fight for J and K). */
  enabled: boolean;
  /** What stands open beside the list while nobody has moved, or once the row is gone. */
  openId?: string;
  onMove?: (id: string) => void;
  onOpen?: (id: string) => void;
  onToggle?: (id: string) => void;
  onRange?: (ids: readonly string[]) => void;
  reveal: (index: number) => void;
};

/**
 * J/K move, Enter opens, X selects, Shift+X selects from the last one. The current row is kept by id:
 * rows that arrive above it must not move what Enter opens.
 */
export function useRowKeys(options: Options) {
  const { ids, enabled, openId, onMove, onOpen, onToggle, onRange, reveal } = options;
  const { t } = useTranslation();
  const [movedTo, setCurrentId] = useState<string | null>(null);
  const currentId = movedTo !== null && ids.includes(movedTo) ? movedTo : (openId ?? movedTo);
  const [anchorId, setAnchorId] = useState<string | null>(null);
  const current = currentId === null ? -1 : ids.indexOf(currentId);

  function moveTo(index: number) {
    const id = ids[Math.max(0, Math.min(ids.length - 1, index))];
    if (id === undefined) return;
    setCurrentId(id);
    onMove?.(id);
    reveal(ids.indexOf(id));
  }

  function toggle() {
    const id = ids[current];
    if (id === undefined) return;
    onToggle?.(id);
    setAnchorId(id);
  }

  function selectRange() {
    const anchor = anchorId === null ? current : ids.indexOf(anchorId);
    if (anchor < 0 || current < 0) return;
    onRange?.(ids.slice(Math.min(anchor, current), Math.max(anchor, current) + 1));
  }

  const nothing = !enabled || ids.length === 0;
  useShortcuts(
    nothing
      ? []
      : [
          { keys: "j", label: t("table.next"), run: () => moveTo(current + 1) },
          { keys: "k", label: t("table.previous"), run: () => moveTo(Math.max(0, current - 1)) },
          ...(onOpen === undefined
            ? []
            : [
                {
                  keys: "enter",
                  label: t("table.open"),
                  disabled: current < 0,
                  run: () => onOpen(ids[current] ?? ""),
                },
              ]),
          ...(onToggle === undefined
            ? []
            : [
                { keys: "x", label: t("table.select"), disabled: current < 0, run: toggle },
                {
                  keys: "shift+x",
                  label: t("table.select_range"),
                  disabled: current < 0,
                  run: selectRange,
                },
              ]),
        ],
  );
  return { currentId, setCurrentId };
}
