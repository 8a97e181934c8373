import { Button, Modal, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { fieldErrors } from "@/api/problem";
import { ErrorState } from "@/ui/states";
import { type Content, ContentFields } from "./content_fields";
import { useCreateTemplate } from "./queries";

const NAME_CHARACTERS_MAX = 80;

export function NewTemplate({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [content, setContent] = useState<Content>({ header: "", body: "", footer: "" });
  const create = useCreateTemplate();
  const errors = create.error === null ? {} : fieldErrors(create.error);
  const ready = name.trim() !== "" && content.body.trim() !== "";
  function send() {
    create.mutate(
      { name: name.trim(), description: "", content },
      {
        onSuccess: (template) => {
          void queries.invalidateQueries({ queryKey: ["templates"] });
          void navigate({ to: "/templates/$templateId", params: { templateId: template.id } });
        },
      },
    );
  }
  return (
    <Modal opened onClose={onClose} title={t("templates.new")} size="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) send();
        }}
      >
        <TextInput
          mb="sm"
          label={t("templates.column.name")}
          placeholder={t("templates.name_example")}
          maxLength={NAME_CHARACTERS_MAX}
          value={name}
          error={errors.name}
          data-autofocus
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <ContentFields content={content} onChange={setContent} errors={errors} />
        {create.isError && <ErrorState compact error={create.error} />}
        <Button type="submit" mt="md" fullWidth disabled={!ready} loading={create.isPending}>
          {t("templates.create")}
        </Button>
      </form>
    </Modal>
  );
}
