import { Button, Checkbox, Loader } from "@mantine/core";
import {
  columnVisibilityFeature,
  createColumnHelper,
  type RowSelectionState,
  rowSelectionFeature,
  tableFeatures,
  useTable,
} from "@tanstack/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import classes from "./data_table.module.css";
import { TableSkeleton } from "./data_table_skeleton";
import { ErrorState } from "./states";
import { useRowKeys } from "./use_row_keys";

export type Column<Row> = {
  id: string;
  header: string;
  cell: (row: Row) => ReactNode;
  align?: "start" | "end";
  width?: number | string;
  /** The row's name: a row header for screen readers, the title of the card on a phone. */
  primary?: boolean;
};

export type Selection = {
  ids: readonly string[];
  onChange: (ids: string[]) => void;
};

type Props<Row> = {
  /** What the table holds, for screen readers. */
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[] | undefined;
  rowId: (row: Row) => string;
  rowLabel: (row: Row) => string;
  error?: unknown;
  onRetry?: () => void;
  empty: ReactNode;
  onOpen?: (row: Row) => void;
  hidden?: readonly string[];
  selection?: Selection;
  /** The next page of a keyset; absent when there is none. */
  onLoadMore?: () => void;
  loadingMore?: boolean;
  keys?: boolean;
  /** The row that stands open beside the table, and what happens when J or K leads to another. */
  openId?: string;
  onMove?: (row: Row) => void;
  /** A scroll area of this height with virtual rows; without it the page scrolls. */
  height?: number | string;
};

const features = tableFeatures({ columnVisibilityFeature, rowSelectionFeature });
// Beyond this the browser notices every row that stands in the document.
const VIRTUAL_FROM_ROWS = 100;
const ROW_HEIGHT_PX = 45;
const OVERSCAN_ROWS = 12;
const LOAD_AHEAD_ROWS = 20;

/** Every list of the product: skeleton, error, empty and rows are its four faces. */
export function DataTable<Row extends object>(props: Props<Row>) {
  const { rows, error, onRetry, empty, columns, hidden = [] } = props;
  if (rows === undefined) {
    if (error !== undefined && error !== null)
      return <ErrorState error={error} onRetry={onRetry} />;
    const shown = columns.filter((column) => !hidden.includes(column.id));
    return <TableSkeleton columns={shown.map(({ header, align }) => ({ header, align }))} />;
  }
  if (rows.length === 0) return <>{empty}</>;
  return <FilledTable {...props} rows={rows} />;
}

function useRowModel<Row extends object>(props: Props<Row> & { rows: readonly Row[] }) {
  const { columns, rows, rowId, hidden = [], selection } = props;
  const definitions = useMemo(() => {
    const helper = createColumnHelper<typeof features, Row>();
    return columns.map((column) =>
      helper.display({
        id: column.id,
        header: column.header,
        cell: ({ row }) => column.cell(row.original),
      }),
    );
  }, [columns]);
  const rowSelection: RowSelectionState = Object.fromEntries(
    (selection?.ids ?? []).map((id) => [id, true]),
  );
  return useTable({
    features,
    columns: definitions,
    data: rows as Row[],
    getRowId: rowId,
    enableRowSelection: selection !== undefined,
    state: {
      rowSelection,
      columnVisibility: Object.fromEntries(hidden.map((id) => [id, false])),
    },
    onRowSelectionChange: (update) => {
      const next = typeof update === "function" ? update(rowSelection) : update;
      selection?.onChange(Object.keys(next).filter((id) => next[id]));
    },
  });
}

function FilledTable<Row extends object>(props: Props<Row> & { rows: readonly Row[] }) {
  const { rows, label, selection, onOpen, onLoadMore, loadingMore = false, height } = props;
  const { t } = useTranslation();
  const scroller = useRef<HTMLDivElement>(null);
  const table = useRowModel(props);
  const modelRows = table.getRowModel().rows;
  const virtual = height !== undefined && rows.length >= VIRTUAL_FROM_ROWS;
  const virtualizer = useVirtualizer({
    count: modelRows.length,
    enabled: virtual,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT_PX,
    overscan: OVERSCAN_ROWS,
    onChange: (instance) => {
      const last = instance.getVirtualItems().at(-1)?.index ?? 0;
      if (virtual && !loadingMore && last >= modelRows.length - LOAD_AHEAD_ROWS) onLoadMore?.();
    },
  });
  const byId = new Map(modelRows.map((row) => [row.id, row]));
  const { currentId, setCurrentId } = useRowKeys({
    ids: modelRows.map((row) => row.id),
    enabled: props.keys ?? false,
    openId: props.openId,
    onMove: (id) => {
      const row = byId.get(id);
      if (row !== undefined) props.onMove?.(row.original);
    },
    onOpen: onOpen && ((id) => open(id)),
    onToggle: selection && ((id) => byId.get(id)?.toggleSelected()),
    onRange: selection && ((ids) => selection.onChange([...new Set([...selection.ids, ...ids])])),
    reveal,
  });

  function open(id: string) {
    const row = byId.get(id);
    if (row !== undefined) onOpen?.(row.original);
  }

  function reveal(index: number) {
    if (virtual) virtualizer.scrollToIndex(index);
    else
      scroller.current?.querySelectorAll("tbody tr")[index]?.scrollIntoView({ block: "nearest" });
  }

  const items = virtualizer.getVirtualItems();
  const shown = virtual ? items.flatMap((item) => modelRows[item.index] ?? []) : modelRows;
  const above = virtual ? (items[0]?.start ?? 0) : 0;
  const below = virtual ? virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0) : 0;
  const first = virtual ? (items[0]?.index ?? 0) : 0;
  const span = table.getVisibleLeafColumns().length + (selection === undefined ? 0 : 1);

  return (
    <section
      ref={scroller}
      className={classes.scroller}
      style={{ maxHeight: height }}
      aria-label={label}
      tabIndex={height === undefined ? undefined : 0}
    >
      <table
        className={classes.table}
        aria-label={label}
        aria-rowcount={onLoadMore ? -1 : rows.length + 1}
      >
        <TableHead table={table} columns={props.columns} selectable={selection !== undefined} />
        <tbody>
          {above > 0 && <Spacer height={above} span={span} />}
          {shown.map((row, index) => (
            <tr
              key={row.id}
              aria-rowindex={first + index + 2}
              aria-selected={selection === undefined ? undefined : row.getIsSelected()}
              data-current={row.id === currentId || undefined}
              data-opens={onOpen !== undefined || undefined}
              onClick={() => {
                setCurrentId(row.id);
                onOpen?.(row.original);
              }}
            >
              {selection !== undefined && (
                // biome-ignore lint/a11y/useKeyWithClickEvents: the box inside has the keyboard
                <td className={classes.box} onClick={(event) => event.stopPropagation()}>
                  <Checkbox
                    size="xs"
                    aria-label={t("table.select_row", { name: props.rowLabel(row.original) })}
                    checked={row.getIsSelected()}
                    onChange={row.getToggleSelectedHandler()}
                  />
                </td>
              )}
              {row.getVisibleCells().map((cell) => {
                const column = props.columns.find(({ id }) => id === cell.column.id);
                return (
                  <td
                    key={cell.id}
                    data-align={column?.align}
                    data-primary={column?.primary || undefined}
                    data-label={column?.header}
                  >
                    {column?.primary && onOpen !== undefined ? (
                      <button type="button" className={classes.open}>
                        <table.FlexRender cell={cell} />
                      </button>
                    ) : (
                      <span className={classes.cell}>
                        <table.FlexRender cell={cell} />
                      </span>
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
          {below > 0 && <Spacer height={below} span={span} />}
        </tbody>
      </table>
      {props.error !== undefined && props.error !== null && (
        <ErrorState error={props.error} onRetry={props.onRetry} compact />
      )}
      {onLoadMore !== undefined && (
        <div className={classes.more}>
          {loadingMore ? (
            <Loader size="xs" aria-label={t("loading")} />
          ) : (
            <Button variant="default" onClick={onLoadMore}>
              {t("table.more")}
            </Button>
          )}
        </div>
      )}
    </section>
  );
}

function Spacer({ height, span }: { height: number; span: number }) {
  return (
    <tr aria-hidden className={classes.spacer}>
      <td colSpan={span} style={{ height }} />
    </tr>
  );
}

type HeadProps<Row extends object> = {
  table: ReturnType<typeof useRowModel<Row>>;
  columns: readonly Column<Row>[];
  selectable: boolean;
};

function TableHead<Row extends object>({ table, columns, selectable }: HeadProps<Row>) {
  const { t } = useTranslation();
  return (
    <thead>
      {table.getHeaderGroups().map((group) => (
        <tr key={group.id} aria-rowindex={1}>
          {selectable && (
            <th scope="col" className={classes.box}>
              <Checkbox
                size="xs"
                aria-label={t("table.select_all")}
                checked={table.getIsAllRowsSelected()}
                indeterminate={table.getIsSomeRowsSelected()}
                onChange={table.getToggleAllRowsSelectedHandler()}
              />
            </th>
          )}
          {group.headers.map((header) => {
            const column = columns.find(({ id }) => id === header.column.id);
            return (
              <th
                key={header.id}
                scope="col"
                data-align={column?.align}
                style={{ width: column?.width }}
              >
                <table.FlexRender header={header} />
              </th>
            );
          })}
        </tr>
      ))}
    </thead>
  );
}
