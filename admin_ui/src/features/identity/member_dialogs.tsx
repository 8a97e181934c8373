import { Button, NativeSelect } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import type { components } from "@/api/schema";
import { useSession } from "@/api/session";
import { useIntent } from "@/api/use_intent";
import { useRefresh } from "@/api/use_pages";
import { ConfirmDialog } from "@/ui/confirm_dialog";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/states";
import { rolesToGive } from "./invite_dialog";
import classes from "./settings.module.css";

type Member = components["schemas"]["MemberView"];
type Role = components["schemas"]["MemberRole"];
type Props = { of: Member; onClose: () => void };

export function RoleDialog({ of, onClose }: Props) {
  const { t } = useTranslation(["notices", "app"]);
  const refresh = useRefresh();
  const session = useSession();
  const [role, setRole] = useState<Role>(of.role);
  const changing = useIntent(
    (given: Role, headers) =>
      client.PATCH("/v1/members/{account_id}", {
        params: { path: { account_id: of.account_id } },
        body: { role: given },
        headers,
      }),
    {
      onSuccess: async () => {
        // Of oneself another role is another desk.
        await Promise.all([refresh("/v1/members"), refresh("/v1/session")]);
        onClose();
      },
    },
  );
  const roles = rolesToGive(session?.member_role === "owner");
  return (
    <Dialog onClose={onClose} title={t("members.change_title", { name: of.name })}>
      <div className={classes.form}>
        <NativeSelect
          label={t("members.role")}
          description={t(`app:settings.may_${role}`)}
          inputWrapperOrder={["label", "input", "description", "error"]}
          data={roles.map((value) => ({ value, label: t(`app:role.${value}`) }))}
          value={role}
          data-autofocus
          onChange={(event) => setRole(event.currentTarget.value as Role)}
        />
        <p className={classes.may}>{t("members.role_hint")}</p>
        {changing.isError && <ErrorState error={changing.error} compact />}
        <div className={classes.actions}>
          <Button variant="default" onClick={onClose}>
            {t("app:confirm.cancel")}
          </Button>
          <Button
            loading={changing.isPending}
            disabled={role === of.role}
            onClick={() => changing.mutate(role)}
          >
            {t("members.save")}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

export function RemoveDialog({ of, onClose }: Props) {
  const { t } = useTranslation("notices");
  const refresh = useRefresh();
  const isMe = useSession()?.account.id === of.account_id;
  const removing = useIntent(
    (account_id: string, headers) =>
      client.DELETE("/v1/members/{account_id}", { params: { path: { account_id } }, headers }),
    {
      onSuccess: async () => {
        if (isMe) {
          window.location.assign("/");
          return;
        }
        await refresh("/v1/members");
        onClose();
      },
    },
  );
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      onConfirm={() => removing.mutate(of.account_id)}
      title={isMe ? t("members.leave_title") : t("members.remove_title", { name: of.name })}
      confirm={isMe ? t("members.leave") : t("members.remove")}
      danger
      pending={removing.isPending}
      error={removing.error}
    >
      <p>{isMe ? t("members.leave_text") : t("members.remove_text")}</p>
    </ConfirmDialog>
  );
}
