import { ActionIcon, Button, Menu, Modal, TextInput } from "@mantine/core";
import { IconDots, IconPencil, IconTrash } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { SessionView } from "@/api/shapes";
import { ConfirmDialog } from "@/ui/confirm_dialog";
import { ErrorState } from "@/ui/states";
import { useDiscard, useRenameCampaign } from "./writes";

const NAME_CHARACTERS_MAX = 120;

export function ComposerMenu({ session }: { session: SessionView }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState<"rename" | "discard" | null>(null);
  return (
    <>
      <Menu>
        <Menu.Target>
          <ActionIcon variant="default" size={34} aria-label={t("composer.more")}>
            <IconDots size={17} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPencil size={15} />} onClick={() => setOpen("rename")}>
            {t("composer.rename.action")}
          </Menu.Item>
          <Menu.Item leftSection={<IconTrash size={15} />} onClick={() => setOpen("discard")}>
            {t("composer.discard.action")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {open === "rename" && <RenameDialog session={session} onClose={() => setOpen(null)} />}
      <DiscardDialog session={session} opened={open === "discard"} onClose={() => setOpen(null)} />
    </>
  );
}

function RenameDialog({ session, onClose }: { session: SessionView; onClose: () => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState(session.campaign_name ?? "");
  const rename = useRenameCampaign(session.id);
  function send() {
    if (session.campaign_id === null || name.trim() === "") return;
    rename.mutate({ id: session.campaign_id, name: name.trim() }, { onSuccess: onClose });
  }
  return (
    <Modal opened onClose={onClose} title={t("composer.rename.title")}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <TextInput
          label={t("campaigns.name")}
          value={name}
          maxLength={NAME_CHARACTERS_MAX}
          data-autofocus
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {rename.isError && <ErrorState compact error={rename.error} />}
        <Button type="submit" mt="md" fullWidth loading={rename.isPending}>
          {t("composer.rename.action")}
        </Button>
      </form>
    </Modal>
  );
}

type DiscardProps = { session: SessionView; opened: boolean; onClose: () => void };

function DiscardDialog({ session, opened, onClose }: DiscardProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const discard = useDiscard(session.id, async () => {
    await queries.invalidateQueries({ queryKey: ["sessions"] });
    await navigate({ to: "/campaigns" });
  });
  return (
    <ConfirmDialog
      opened={opened}
      onClose={onClose}
      onConfirm={() => discard.mutate(null)}
      title={t("composer.discard.title")}
      confirm={t("composer.discard.action")}
      danger
      pending={discard.isPending}
      error={discard.error}
    >
      <p>{t("composer.discard.text")}</p>
    </ConfirmDialog>
  );
}
