import { Select } from "@mantine/core";
import { IconMessageReply } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ReplyKind, ReplyView, SessionView } from "@/api/shapes";
import { type Column, DataTable } from "@/ui/data_table";
import { Section } from "@/ui/page_header";
import { RelativeTime } from "@/ui/relative_time";
import { EmptyState } from "@/ui/states";
import { StatusPill, type Tone } from "@/ui/status_pill";
import { repliesQuery } from "./queries";
import classes from "./session_page.module.css";

const KINDS: readonly ReplyKind[] = ["stop", "start", "help", "other"];
const TONES: Record<ReplyKind, Tone> = { stop: "bad", start: "ok", help: "info", other: "idle" };

/** What recipients wrote back, newest first. */
export function RepliesTab({ session }: { session: SessionView }) {
  const { t } = useTranslation("sending");
  const [kind, setKind] = useState<ReplyKind | null>(null);
  const list = useInfiniteQuery(repliesQuery(session.id, kind));
  const columns = useMemo(
    (): Column<ReplyView>[] => [
      {
        id: "from",
        header: t("replies.from"),
        primary: true,
        cell: (row) => <span className="mono">{row.phone}</span>,
      },
      { id: "text", header: t("replies.text"), cell: (row) => row.text },
      {
        id: "kind",
        header: t("replies.kind"),
        cell: (row) => (
          <StatusPill tone={TONES[row.kind]}>{t(`replies.kinds.${row.kind}`)}</StatusPill>
        ),
      },
      {
        id: "at",
        header: t("replies.at"),
        align: "end",
        cell: (row) => <RelativeTime at={row.received_at} />,
      },
    ],
    [t],
  );
  return (
    <Section
      flush
      title={t("replies.title")}
      aside={
        <div className={classes.filters}>
          <Select
            size="xs"
            clearable
            aria-label={t("replies.filter")}
            placeholder={t("replies.filter")}
            value={kind}
            data={KINDS.map((value) => ({ value, label: t(`replies.kinds.${value}`) }))}
            onChange={(value) => setKind(value as ReplyKind | null)}
          />
        </div>
      }
    >
      <DataTable
        label={t("replies.title")}
        columns={columns}
        rows={list.data?.pages.flatMap((page) => page.items)}
        rowId={(row) => row.id}
        rowLabel={(row) => row.phone}
        error={list.error}
        onRetry={() => void list.refetch()}
        onLoadMore={list.hasNextPage ? () => void list.fetchNextPage() : undefined}
        loadingMore={list.isFetchingNextPage}
        keys
        empty={
          <EmptyState icon={IconMessageReply} title={t("replies.none")}>
            {t("replies.none_text")}
          </EmptyState>
        }
      />
    </Section>
  );
}
