import { Button } from "@mantine/core";
import { IconBan, IconPencil, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { useIntent } from "@/api/use_intent";
import { useRefresh } from "@/api/use_pages";
import { ConfirmDialog } from "@/ui/confirm_dialog";
import { GROUPS, SUBSCRIBERS, type Subscriber, useAudienceRights } from "./audience";
import classes from "./audience.module.css";
import { OptOutDialog } from "./opt_out_dialog";

type Props = { subscriber: Subscriber; onEdit: () => void; onErased: () => void };

export function SubscriberVerbs({ subscriber, onEdit, onErased }: Props) {
  const { t } = useTranslation();
  const rights = useAudienceRights();
  const refresh = useRefresh();
  const [asked, setAsked] = useState<"opt_out" | "erase" | null>(null);
  const erasing = useIntent(
    (subscriber_id: string, headers) =>
      client.DELETE("/v1/subscribers/{subscriber_id}", {
        params: { path: { subscriber_id } },
        headers,
      }),
    {
      onSuccess: () => {
        onErased();
        void refresh(SUBSCRIBERS, GROUPS);
      },
    },
  );
  if (!rights.add) return null;
  return (
    <div className={classes.verbs}>
      {rights.change && (
        <Button
          variant="default"
          leftSection={<IconPencil size={15} aria-hidden />}
          onClick={onEdit}
        >
          {t("audience.edit")}
        </Button>
      )}
      {!subscriber.is_opted_out && (
        <Button
          variant="default"
          leftSection={<IconBan size={15} aria-hidden />}
          onClick={() => setAsked("opt_out")}
        >
          {t("opt_outs.record")}
        </Button>
      )}
      {rights.change && (
        <Button
          variant="default"
          data-tone="bad"
          leftSection={<IconTrash size={15} aria-hidden />}
          onClick={() => setAsked("erase")}
        >
          {t("audience.erase")}
        </Button>
      )}
      {asked === "opt_out" && (
        <OptOutDialog phone={subscriber.phone} onClose={() => setAsked(null)} />
      )}
      <ConfirmDialog
        opened={asked === "erase"}
        onClose={() => setAsked(null)}
        onConfirm={() => erasing.mutate(subscriber.id)}
        title={t("audience.erase_title", { name: subscriber.full_name ?? subscriber.phone })}
        confirm={t("audience.erase")}
        consent={t("audience.erase_consent")}
        danger
        pending={erasing.isPending}
        error={erasing.error}
      >
        <p>{t("audience.erase_text")}</p>
        <p>{t("audience.erase_opt_out")}</p>
      </ConfirmDialog>
    </div>
  );
}
