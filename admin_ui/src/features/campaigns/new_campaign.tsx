import { Button, Modal, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorState } from "@/ui/states";
import { useCreateCampaign } from "./writes";

const NAME_CHARACTERS_MAX = 120;

export function NewCampaign({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const create = useCreateCampaign(async (campaign) => {
    void queries.invalidateQueries({ queryKey: ["sessions"] });
    const session = campaign.newest_session;
    if (session === null) return;
    await navigate({
      to: "/campaigns/$sessionId/edit",
      params: { sessionId: session.id },
      search: { step: "audience" },
    });
  });
  return (
    <Modal opened={opened} onClose={onClose} title={t("campaigns.new")}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== "") create.mutate(name.trim());
        }}
      >
        <TextInput
          label={t("campaigns.name")}
          description={t("campaigns.name_hint")}
          placeholder={t("campaigns.name_example")}
          maxLength={NAME_CHARACTERS_MAX}
          value={name}
          data-autofocus
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {create.isError && <ErrorState compact error={create.error} />}
        <Button
          type="submit"
          mt="md"
          fullWidth
          disabled={name.trim() === ""}
          loading={create.isPending}
        >
          {t("campaigns.create")}
        </Button>
      </form>
    </Modal>
  );
}
