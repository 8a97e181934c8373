import { Button, Checkbox, Textarea, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { present } from "@/api/present";
import { fieldErrors } from "@/api/problem";
import { useIntent } from "@/api/use_intent";
import { useRefresh } from "@/api/use_pages";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/states";
import { GROUPS, type Group } from "./audience";
import classes from "./audience.module.css";

/** `group` is given to change one; else a new one is made. */
type Props = { group?: Group; onClose: () => void; onDone: (group: Group) => void };

type Fields = {
  name: string;
  description: string;
  header: string;
  footer: string;
  require_consent: boolean;
};

export function GroupDialog({ group, onClose, onDone }: Props) {
  const { t } = useTranslation();
  const refresh = useRefresh();
  const form = useForm<Fields>({
    initialValues: {
      name: group?.name ?? "",
      description: group?.description ?? "",
      header: group?.header ?? "",
      footer: group?.footer ?? "",
      require_consent: group?.require_consent ?? false,
    },
    validate: { name: (name) => (name.trim() === "" ? t("groups.name_needed") : null) },
  });
  const saving = useIntent(
    async (fields: Fields, headers) => {
      const body = {
        name: fields.name.trim(),
        description: fields.description.trim(),
        header: fields.header.trim() || null,
        footer: fields.footer.trim() || null,
        require_consent: fields.require_consent,
      };
      if (group === undefined) return present(await client.POST("/v1/groups", { body, headers }));
      return present(
        await client.PATCH("/v1/groups/{group_id}", {
          params: { path: { group_id: group.id } },
          body: { ...body, version: group.version },
          headers,
        }),
      );
    },
    {
      onSuccess: async (saved) => {
        await refresh(GROUPS);
        onDone(saved);
      },
    },
  );
  return (
    <Dialog
      onClose={onClose}
      title={group === undefined ? t("groups.new") : t("groups.settings_of", { name: group.name })}
    >
      <form
        className={classes.form}
        noValidate
        onSubmit={form.onSubmit((fields) =>
          saving.mutate(fields, { onError: (problem) => form.setErrors(fieldErrors(problem)) }),
        )}
      >
        <TextInput
          label={t("groups.name")}
          maxLength={80}
          data-autofocus
          {...form.getInputProps("name")}
        />
        <Textarea
          label={t("groups.description")}
          autosize
          minRows={2}
          maxLength={500}
          {...form.getInputProps("description")}
        />
        <TextInput
          label={t("groups.header")}
          description={t("groups.header_hint")}
          inputWrapperOrder={["label", "input", "description", "error"]}
          maxLength={120}
          {...form.getInputProps("header")}
        />
        <TextInput
          label={t("groups.footer")}
          description={t("groups.footer_hint")}
          inputWrapperOrder={["label", "input", "description", "error"]}
          maxLength={120}
          {...form.getInputProps("footer")}
        />
        <Checkbox
          label={t("groups.require_consent")}
          description={t("groups.require_consent_hint")}
          {...form.getInputProps("require_consent", { type: "checkbox" })}
        />
        {saving.isError && (
          <ErrorState error={saving.error} safe={t("audience.nothing_saved")} compact />
        )}
        <div className={classes.actions}>
          <Button variant="default" onClick={onClose}>
            {t("confirm.cancel")}
          </Button>
          <Button type="submit" loading={saving.isPending}>
            {group === undefined ? t("groups.create") : t("audience.save")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
