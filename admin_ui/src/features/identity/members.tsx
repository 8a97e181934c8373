import { Button } from "@mantine/core";
import { IconMail, IconUsers } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { useSession } from "@/api/session";
import { Avatar } from "@/ui/avatar";
import { type Column, DataTable } from "@/ui/data_table";
import { Section } from "@/ui/page_header";
import { RelativeTime } from "@/ui/relative_time";
import { EmptyState } from "@/ui/states";
import { Tag } from "@/ui/status_pill";
import { Invitations } from "./invitations";
import { InviteDialog, mayGive } from "./invite_dialog";
import { RemoveDialog, RoleDialog } from "./member_dialogs";
import classes from "./settings.module.css";

type Member = components["schemas"]["MemberView"];

export function Members() {
  const { t } = useTranslation();
  const { t: said } = useTranslation("notices");
  const isOwner = useSession()?.member_role === "owner";
  const [inviting, setInviting] = useState(false);
  const [changing, setChanging] = useState<Member | null>(null);
  const [removing, setRemoving] = useState<Member | null>(null);
  const { data, error, refetch } = api.useQuery("get", "/v1/members");
  const columns = useMemo<Column<Member>[]>(
    () => [
      {
        id: "name",
        header: t("account.name"),
        primary: true,
        cell: (row) => (
          <span className={classes.member}>
            <Avatar name={row.name} />
            {row.name}
          </span>
        ),
      },
      { id: "email", header: t("account.email"), cell: (row) => row.email },
      {
        id: "role",
        header: t("account.role"),
        cell: (row) => <Tag tone="accent">{t(`role.${row.role}`)}</Tag>,
      },
      {
        id: "may",
        header: t("settings.may"),
        cell: (row) => <span className={classes.may}>{t(`settings.may_${row.role}`)}</span>,
      },
      {
        id: "verbs",
        header: said("members.actions"),
        align: "end",
        cell: (row) =>
          mayGive(row.role, isOwner) && (
            <span className={classes.tags}>
              <Button
                size="compact-sm"
                variant="default"
                aria-label={said("members.change_name", { name: row.name })}
                onClick={() => setChanging(row)}
              >
                {said("members.change")}
              </Button>
              <Button
                size="compact-sm"
                variant="default"
                data-tone="bad"
                aria-label={said("members.remove_name", { name: row.name })}
                onClick={() => setRemoving(row)}
              >
                {said("members.remove")}
              </Button>
            </span>
          ),
      },
      {
        id: "since",
        header: t("settings.since"),
        align: "end",
        cell: (row) => <RelativeTime at={row.created_at} />,
      },
    ],
    [t, said, isOwner],
  );
  return (
    <div className={classes.stack}>
      <Section
        title={t("settings.members")}
        aside={
          <Button
            leftSection={<IconMail size={16} aria-hidden />}
            onClick={() => setInviting(true)}
          >
            {said("members.invite")}
          </Button>
        }
        flush
      >
        <DataTable
          label={t("settings.members")}
          columns={columns}
          rows={data}
          error={error}
          onRetry={() => void refetch()}
          rowId={(row) => row.account_id}
          rowLabel={(row) => row.name}
          keys
          empty={<EmptyState icon={IconUsers} title={t("settings.no_members")} />}
        />
      </Section>
      <Invitations />
      {inviting && <InviteDialog onClose={() => setInviting(false)} />}
      {changing !== null && <RoleDialog of={changing} onClose={() => setChanging(null)} />}
      {removing !== null && <RemoveDialog of={removing} onClose={() => setRemoving(null)} />}
    </div>
  );
}
