import { Button } from "@mantine/core";
import { IconSettings, IconTrash, IconUserPlus, IconUsers } from "@tabler/icons-react";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, client } from "@/api/client";
import { useIntent } from "@/api/use_intent";
import { useRefresh } from "@/api/use_pages";
import { ConfirmDialog } from "@/ui/confirm_dialog";
import { Facts } from "@/ui/facts";
import { formatInteger } from "@/ui/format";
import { PageHeader, Section } from "@/ui/page_header";
import { RelativeTime } from "@/ui/relative_time";
import { useShortcuts } from "@/ui/shortcuts";
import { ErrorState, PageSkeleton } from "@/ui/states";
import { AddMembersDialog } from "./add_members_dialog";
import { GROUPS, type Group, SUBSCRIBERS, useAudienceRights } from "./audience";
import classes from "./audience.module.css";
import { GroupDialog } from "./group_dialog";
import { GroupMembers } from "./group_members";
import { GroupSending } from "./group_sending";

const route = getRouteApi("/shell/groups/$groupId");

export function GroupPage() {
  const { groupId } = route.useParams();
  const { data, error, refetch } = api.useQuery("get", "/v1/groups/{group_id}", {
    params: { path: { group_id: groupId } },
  });
  if (data !== undefined) return <Opened group={data} />;
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  return <PageSkeleton />;
}

type Dialog = "members" | "settings" | "delete" | null;

function Opened({ group }: { group: Group }) {
  const { t, i18n } = useTranslation();
  const rights = useAudienceRights();
  const [dialog, setDialog] = useState<Dialog>(null);
  const close = () => setDialog(null);
  useShortcuts([
    {
      keys: "a",
      label: t("groups.add_members"),
      disabled: !rights.add,
      run: () => setDialog("members"),
    },
  ]);
  return (
    <>
      <PageHeader
        title={group.name}
        trail={[
          <Link key="groups" to="/groups">
            {t("groups.title")}
          </Link>,
          group.name,
        ]}
        actions={<Actions onAsk={setDialog} />}
      />
      <div className={classes.stack}>
        <Section title={t("groups.settings")}>
          <Facts
            facts={[
              {
                label: t("groups.subscribers"),
                value: formatInteger(group.subscribers, i18n.language),
              },
              { label: t("groups.description"), value: group.description },
              { label: t("groups.header"), value: group.header },
              { label: t("groups.footer"), value: group.footer },
              {
                label: t("audience.consent"),
                value: group.require_consent
                  ? t("groups.consent_required_text")
                  : t("groups.consent_not_required"),
              },
              { label: t("groups.created"), value: <RelativeTime at={group.created_at} /> },
            ]}
          />
        </Section>
        <GroupSending group={group} />
        <GroupMembers group={group} onAdd={() => setDialog("members")} />
      </div>
      {dialog === "members" && <AddMembersDialog group={group} onClose={close} />}
      {dialog === "settings" && <GroupDialog group={group} onClose={close} onDone={close} />}
      {dialog === "delete" && <DeleteDialog group={group} onClose={close} />}
    </>
  );
}

function Actions({ onAsk }: { onAsk: (dialog: Dialog) => void }) {
  const { t } = useTranslation();
  const rights = useAudienceRights();
  return (
    <>
      {rights.change && (
        <>
          <Button
            variant="default"
            data-tone="bad"
            leftSection={<IconTrash size={16} aria-hidden />}
            onClick={() => onAsk("delete")}
          >
            {t("groups.delete")}
          </Button>
          <Button
            variant="default"
            leftSection={<IconSettings size={16} aria-hidden />}
            onClick={() => onAsk("settings")}
          >
            {t("groups.settings")}
          </Button>
        </>
      )}
      {rights.add && (
        <Button
          leftSection={<IconUserPlus size={16} aria-hidden />}
          onClick={() => onAsk("members")}
          aria-keyshortcuts="a"
        >
          {t("groups.add_members")}
        </Button>
      )}
    </>
  );
}

function DeleteDialog({ group, onClose }: { group: Group; onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const refresh = useRefresh();
  const deleting = useIntent(
    (group_id: string, headers) =>
      client.DELETE("/v1/groups/{group_id}", { params: { path: { group_id } }, headers }),
    {
      onSuccess: async () => {
        await navigate({ to: "/groups" });
        await refresh(GROUPS, SUBSCRIBERS);
      },
    },
  );
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      onConfirm={() => deleting.mutate(group.id)}
      title={t("groups.delete_title", { name: group.name })}
      confirm={t("groups.delete")}
      danger
      pending={deleting.isPending}
      error={deleting.error}
    >
      <p>
        <IconUsers size={15} aria-hidden style={{ verticalAlign: "-2px" }} />{" "}
        {t("groups.delete_text", { count: group.subscribers })}
      </p>
    </ConfirmDialog>
  );
}
