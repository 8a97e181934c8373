import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { fieldErrors } from "@/api/problem";
import type { components } from "@/api/schema";
import { useSession } from "@/api/session";
import { useIntent } from "@/api/use_intent";
import { useRefresh } from "@/api/use_pages";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/states";
import classes from "./settings.module.css";

type Role = components["schemas"]["MemberRole"];

const ROLES = ["sender", "editor", "viewer", "billing", "manager", "owner"] as const;

/** Only an owner decides who owns and who pays; the server refuses it as well. */
export const mayGive = (role: Role, isOwner: boolean) =>
  isOwner || (role !== "owner" && role !== "billing");

export const rolesToGive = (isOwner: boolean) => ROLES.filter((role) => mayGive(role, isOwner));

export function InviteDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation(["notices", "app"]);
  const refresh = useRefresh();
  const session = useSession();
  const form = useForm<{ email: string; role: Role }>({
    initialValues: { email: "", role: "sender" },
    validate: { email: (value) => (value.trim() === "" ? t("members.email_needed") : null) },
  });
  const inviting = useIntent(
    (body: { email: string; role: Role }, headers) =>
      client.POST("/v1/invitations", { body, headers }),
    {
      onSuccess: async () => {
        await refresh("/v1/invitations");
        onClose();
      },
    },
  );
  const roles = rolesToGive(session?.member_role === "owner");
  return (
    <Dialog onClose={onClose} title={t("members.invite_title")}>
      <form
        className={classes.form}
        noValidate
        onSubmit={form.onSubmit((values) =>
          inviting.mutate(values, { onError: (problem) => form.setErrors(fieldErrors(problem)) }),
        )}
      >
        <TextInput
          label={t("members.email")}
          type="email"
          data-autofocus
          {...form.getInputProps("email")}
        />
        <NativeSelect
          label={t("members.role")}
          description={t(`app:settings.may_${form.values.role}`)}
          inputWrapperOrder={["label", "input", "description", "error"]}
          data={roles.map((value) => ({ value, label: t(`app:role.${value}`) }))}
          {...form.getInputProps("role")}
        />
        <p className={classes.may}>{t("members.hint")}</p>
        {inviting.isError && <ErrorState error={inviting.error} compact />}
        <div className={classes.actions}>
          <Button variant="default" onClick={onClose}>
            {t("app:confirm.cancel")}
          </Button>
          <Button type="submit" loading={inviting.isPending}>
            {t("members.send")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
