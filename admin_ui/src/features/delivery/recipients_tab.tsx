import { Select } from "@mantine/core";
import { IconUsers } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ExclusionView, RecipientView, SessionView } from "@/api/shapes";
import { type Column, DataTable } from "@/ui/data_table";
import { Section } from "@/ui/page_header";
import { RelativeTime } from "@/ui/relative_time";
import { type MessageState, MessageStatePill } from "@/ui/state_pill";
import { EmptyState } from "@/ui/states";
import { Tag } from "@/ui/status_pill";
import { Because } from "./because";
import { exclusionsQuery, recipientsQuery } from "./queries";
import classes from "./session_page.module.css";

const STATES: readonly MessageState[] = [
  "delivered",
  "accepted",
  "queued",
  "submitting",
  "undelivered",
  "unreachable",
  "rejected",
  "expired",
  "unconfirmed",
  "cancelled",
  "excluded",
];

export function RecipientsTab({ session, excluded }: { session: SessionView; excluded?: boolean }) {
  return excluded ? <LeftOut session={session} /> : <Recipients session={session} />;
}

function Recipients({ session }: { session: SessionView }) {
  const { t, i18n } = useTranslation();
  const [state, setState] = useState<MessageState | null>(null);
  const [cause, setCause] = useState<string | null>(null);
  const list = useInfiniteQuery(recipientsQuery(session.id, state, cause));
  const causeName = (code: string) =>
    i18n.exists(`cause.${code}`) ? i18n.t(`cause.${code}` as "brand") : code;
  return (
    <Section
      flush
      title={t("session.tab.recipients")}
      aside={
        <div className={classes.filters}>
          <Select
            size="xs"
            clearable
            aria-label={t("session.filter_state")}
            placeholder={t("session.filter_state")}
            value={state}
            data={STATES.map((value) => ({ value, label: t(`message_state.${value}`) }))}
            onChange={(value) => setState(value as MessageState | null)}
          />
          {Object.keys(session.causes).length > 0 && (
            <Select
              size="xs"
              clearable
              aria-label={t("session.filter_cause")}
              placeholder={t("session.filter_cause")}
              value={cause}
              data={Object.keys(session.causes).map((value) => ({
                value,
                label: causeName(value),
              }))}
              onChange={setCause}
            />
          )}
        </div>
      }
    >
      <DataTable
        label={t("session.tab.recipients")}
        columns={recipientColumns(t, causeName)}
        rows={list.data?.pages.flatMap((page) => page.items)}
        rowId={(row) => String(row.n)}
        rowLabel={(row) => row.phone}
        error={list.error}
        onRetry={() => void list.refetch()}
        onLoadMore={list.hasNextPage ? () => void list.fetchNextPage() : undefined}
        loadingMore={list.isFetchingNextPage}
        keys
        empty={
          <EmptyState icon={IconUsers} title={t("session.nobody")}>
            {t(state === null ? "session.nobody_yet" : "session.nobody_filtered")}
          </EmptyState>
        }
      />
    </Section>
  );
}

function recipientColumns(
  t: TFunction<"app">,
  causeName: (code: string) => string,
): Column<RecipientView>[] {
  return [
    {
      id: "phone",
      header: t("session.column.phone"),
      primary: true,
      cell: (row) => <span className="mono">{row.phone}</span>,
    },
    {
      id: "state",
      header: t("session.column.state"),
      cell: (row) => <MessageStatePill state={row.state} />,
    },
    {
      id: "cause",
      header: t("session.column.cause"),
      cell: (row) => (
        <>
          {row.cause === null ? "" : causeName(row.cause)}{" "}
          {row.error_code !== null && <Tag>{row.error_code}</Tag>}
        </>
      ),
    },
    {
      id: "attempts",
      header: t("session.column.attempts"),
      align: "end",
      cell: (row) => row.attempts,
    },
    {
      id: "segments",
      header: t("composer.figures.segments"),
      align: "end",
      cell: (row) => row.segments,
    },
    {
      id: "credits",
      header: t("session.column.credits"),
      align: "end",
      cell: (row) => row.credits_charged,
    },
    {
      id: "at",
      header: t("session.column.at"),
      align: "end",
      cell: (row) => {
        const at = row.done_at ?? row.accepted_at ?? row.submitted_at;
        return at === null ? "–" : <RelativeTime at={at} />;
      },
    },
  ];
}

function LeftOut({ session }: { session: SessionView }) {
  const { t, i18n } = useTranslation();
  const [reason, setReason] = useState<ExclusionView["reason"] | null>(null);
  const list = useInfiniteQuery(exclusionsQuery(session.id, reason));
  const reasonName = (code: string) =>
    i18n.exists(`exclusion.${code}`) ? i18n.t(`exclusion.${code}` as "brand") : code;
  const columns: Column<ExclusionView>[] = [
    {
      id: "phone",
      header: t("session.column.phone"),
      primary: true,
      cell: (row) => <span className="mono">{row.phone}</span>,
    },
    {
      id: "reason",
      header: t("session.column.reason"),
      cell: (row) => reasonName(row.reason),
    },
    {
      id: "evidence",
      header: t("session.column.evidence"),
      cell: (row) => <Because row={row} />,
    },
    {
      id: "at",
      header: t("session.column.at"),
      align: "end",
      cell: (row) => <RelativeTime at={row.at} />,
    },
  ];
  const known = Object.keys(session.quote?.excluded ?? {});
  return (
    <Section
      flush
      title={t("session.tab.left_out")}
      aside={
        known.length > 0 && (
          <Select
            size="xs"
            clearable
            aria-label={t("session.filter_reason")}
            placeholder={t("session.filter_reason")}
            value={reason}
            data={known.map((value) => ({ value, label: reasonName(value) }))}
            onChange={(value) => setReason(value as ExclusionView["reason"] | null)}
          />
        )
      }
    >
      <DataTable
        label={t("session.tab.left_out")}
        columns={columns}
        rows={list.data?.pages.flatMap((page) => page.items)}
        rowId={(row) => String(row.k)}
        rowLabel={(row) => row.phone}
        error={list.error}
        onRetry={() => void list.refetch()}
        onLoadMore={list.hasNextPage ? () => void list.fetchNextPage() : undefined}
        loadingMore={list.isFetchingNextPage}
        keys
        empty={
          <EmptyState icon={IconUsers} title={t("session.nobody_left_out")}>
            {t("session.nobody_left_out_hint")}
          </EmptyState>
        }
      />
    </Section>
  );
}
