import { Button, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import { type Factor, useRenameFactor } from "@/api/factors";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/states";
import { NAME_LENGTH_MAX } from "./factor_forms";
import classes from "./factor_forms.module.css";

type Props = { factor: Factor; onClose: () => void };

/** Another name for the same key: which telephone it is on is what one wants to know when it is lost. */
export function RenameFactor({ factor, onClose }: Props) {
  const { t } = useTranslation("factor");
  const renaming = useRenameFactor(onClose);
  const form = useForm({
    initialValues: { name: factor.name },
    validate: { name: (name) => (name.trim() === "" ? t("proof.needed") : null) },
  });
  return (
    <Dialog title={t("list.rename_title", { name: factor.name })} onClose={onClose}>
      <form
        className={classes.form}
        noValidate
        onSubmit={form.onSubmit(({ name }) =>
          renaming.mutate({ factorId: factor.id, name: name.trim() }),
        )}
      >
        <TextInput
          label={t("list.new_name")}
          maxLength={NAME_LENGTH_MAX}
          data-autofocus
          {...form.getInputProps("name")}
        />
        {renaming.isError && <ErrorState error={renaming.error} compact />}
        <Button type="submit" size="md" loading={renaming.isPending}>
          {t("list.rename")}
        </Button>
      </form>
    </Dialog>
  );
}
