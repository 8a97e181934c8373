import { Button, Modal, Textarea, TextInput } from "@mantine/core";
import { IconAddressBook, IconPlus } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { fieldErrors } from "@/api/problem";
import type { SenderView } from "@/api/shapes";
import { ConfirmDialog } from "@/ui/confirm_dialog";
import { type Column, DataTable } from "@/ui/data_table";
import { Kbd } from "@/ui/kbd";
import { PageHeader, Section } from "@/ui/page_header";
import { RelativeTime } from "@/ui/relative_time";
import { useShortcuts } from "@/ui/shortcuts";
import { EmptyState, ErrorState } from "@/ui/states";
import { ApprovalPill } from "./approval_pill";
import { sendersQuery, useRequestSender, useSubmitSender, useWithdrawSender } from "./queries";
import { Refusal } from "./refusal";
import { useMayManage } from "./roles";
import classes from "./templates.module.css";

export function SendersPage() {
  const { t, i18n } = useTranslation();
  const mayManage = useMayManage();
  const queries = useQueryClient();
  const senders = useQuery(sendersQuery);
  const [asking, setAsking] = useState(false);
  const [withdrawing, setWithdrawing] = useState<SenderView | null>(null);
  const withdraw = useWithdrawSender();
  const submit = useSubmitSender();
  const refresh = () => queries.invalidateQueries({ queryKey: sendersQuery.queryKey });
  useShortcuts([
    { keys: "n", label: t("senders.request"), disabled: !mayManage, run: () => setAsking(true) },
  ]);
  const columns: Column<SenderView>[] = [
    {
      id: "sender",
      header: t("senders.column.sender"),
      primary: true,
      cell: (row) => row.sender,
    },
    {
      id: "kind",
      header: t("senders.column.kind"),
      cell: (row) =>
        i18n.exists(`sender_kind.${row.kind}`)
          ? i18n.t(`sender_kind.${row.kind}` as "brand")
          : row.kind,
    },
    {
      id: "state",
      header: t("senders.column.state"),
      cell: (row) => (
        <div className={classes.verdict}>
          <ApprovalPill state={row.state} />
          {row.reason !== null && <small>{row.reason}</small>}
          {row.state === "refused" && <Refusal subjectId={row.id} />}
        </div>
      ),
    },
    { id: "purpose", header: t("senders.column.purpose"), cell: (row) => row.purpose || "–" },
    {
      id: "at",
      header: t("templates.column.changed"),
      align: "end",
      cell: (row) => <RelativeTime at={row.state_changed_at} />,
    },
    {
      id: "act",
      header: t("senders.column.act"),
      align: "end",
      cell: (row) => {
        if (!mayManage) return null;
        if (row.state === "requested") {
          return (
            <Button
              size="compact-sm"
              loading={submit.isPending && submit.variables === row.id}
              onClick={() => submit.mutate(row.id, { onSuccess: refresh })}
            >
              {t("templates.submit")}
            </Button>
          );
        }
        // The platform's own name is nobody's to withdraw.
        if (row.kind === "shared") return null;
        if (row.state !== "approved" && row.state !== "awaiting_approval") return null;
        return (
          <Button size="compact-sm" variant="default" onClick={() => setWithdrawing(row)}>
            {t("templates.withdraw")}
          </Button>
        );
      },
    },
  ];
  const request = mayManage && (
    <Button
      leftSection={<IconPlus size={16} />}
      rightSection={<Kbd keys="n" />}
      onClick={() => setAsking(true)}
    >
      {t("senders.request")}
    </Button>
  );
  return (
    <>
      <PageHeader title={t("senders.title")} actions={request} />
      {submit.isError && <ErrorState compact error={submit.error} />}
      <Section flush>
        <DataTable
          label={t("senders.title")}
          columns={columns}
          rows={senders.data}
          rowId={(row) => row.id}
          rowLabel={(row) => row.sender}
          error={senders.error}
          onRetry={() => void senders.refetch()}
          keys
          empty={
            <EmptyState icon={IconAddressBook} title={t("senders.none")} action={request}>
              {t("senders.none_hint")}
            </EmptyState>
          }
        />
      </Section>
      {asking && <RequestSender onClose={() => setAsking(false)} />}
      <ConfirmDialog
        opened={withdrawing !== null}
        onClose={() => setWithdrawing(null)}
        onConfirm={() =>
          withdrawing !== null &&
          withdraw.mutate(withdrawing.id, {
            onSuccess: () => {
              setWithdrawing(null);
              void refresh();
            },
          })
        }
        title={t("senders.withdraw_title", { sender: withdrawing?.sender ?? "" })}
        confirm={t("templates.withdraw")}
        danger
        pending={withdraw.isPending}
        error={withdraw.error}
      >
        <p>{t("senders.withdraw_text")}</p>
      </ConfirmDialog>
    </>
  );
}

/** Requested and handed to our people in one go: a name that waits unasked helps nobody. */
function RequestSender({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [sender, setSender] = useState("");
  const [purpose, setPurpose] = useState("");
  const request = useRequestSender();
  const submit = useSubmitSender();
  const errors = request.error === null ? {} : fieldErrors(request.error);
  const refresh = () => queries.invalidateQueries({ queryKey: sendersQuery.queryKey });
  function send() {
    request.mutate(
      { sender: sender.trim(), purpose: purpose.trim() },
      {
        onSuccess: (made) => {
          void refresh();
          submit.mutate(made.id, {
            onSuccess: () => {
              void refresh();
              onClose();
            },
          });
        },
      },
    );
  }
  return (
    <Modal opened onClose={onClose} title={t("senders.request")}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (sender.trim() !== "") send();
        }}
      >
        <TextInput
          label={t("senders.column.sender")}
          description={t("senders.sender_hint")}
          placeholder="NORDLYS"
          maxLength={40}
          value={sender}
          error={errors.sender}
          data-autofocus
          onChange={(event) => setSender(event.currentTarget.value)}
        />
        <Textarea
          mt="sm"
          label={t("senders.column.purpose")}
          description={t("senders.purpose_hint")}
          maxLength={500}
          autosize
          minRows={2}
          value={purpose}
          error={errors.purpose}
          onChange={(event) => setPurpose(event.currentTarget.value)}
        />
        {request.isError && <ErrorState compact error={request.error} />}
        {submit.isError && (
          <ErrorState compact error={submit.error} safe={t("senders.request_kept")} />
        )}
        <Button
          type="submit"
          mt="md"
          fullWidth
          disabled={sender.trim() === ""}
          loading={request.isPending || submit.isPending}
        >
          {t("templates.submit")}
        </Button>
      </form>
    </Modal>
  );
}
