import { keepPreviousData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { asProblem } from "./problem";

type Page<Row> = { items: Row[]; next_cursor?: string | null };
type Read<Row> = (at: {
  cursor: string | undefined;
  signal: AbortSignal;
}) => Promise<{ data?: Page<Row> }>;

/** What a DataTable asks for, spread into it. */
export type Rows<Row> = {
  rows: readonly Row[] | undefined;
  error: unknown;
  onRetry: () => void;
  onLoadMore: (() => void) | undefined;
  loadingMore: boolean;
};

/**
 * A list by keyset. `path` and `query` are its key, so `useRefresh` finds it; what stood there stays
 * while another search is read.
 */
export function usePages<Row>(
  path: string,
  query: Readonly<Record<string, unknown>>,
  read: Read<Row>,
  options: { refetchInterval?: number } = {},
): Rows<Row> {
  const pages = useInfiniteQuery({
    queryKey: ["pages", path, query],
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam, signal }) => {
      const { data } = await read({ cursor: pageParam, signal });
      return data ?? { items: [], next_cursor: null };
    },
    getNextPageParam: (page: Page<Row>) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: options.refetchInterval,
  });
  return {
    rows: pages.data?.pages.flatMap((page) => page.items),
    error: pages.error === null ? null : asProblem(pages.error),
    onRetry: () => void pages.refetch(),
    onLoadMore: pages.hasNextPage ? () => void pages.fetchNextPage() : undefined,
    loadingMore: pages.isFetchingNextPage,
  };
}

/** After a write: everything read from these addresses, or from below them, is read again. */
export function useRefresh(): (...paths: string[]) => Promise<void> {
  const queries = useQueryClient();
  return (...paths) =>
    queries.invalidateQueries({
      predicate: ({ queryKey }) => paths.some((path) => String(queryKey[1]).startsWith(path)),
    });
}
