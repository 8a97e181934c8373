import { Button } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { present } from "@/api/present";
import type { SessionView } from "@/api/shapes";
import { useIntent } from "@/api/use_intent";
import { ConfirmDialog } from "@/ui/confirm_dialog";
import { formatInteger } from "@/ui/format";

/** A session of its own for those whom this one certainly did not reach. */
export function RetryFailed({ session }: { session: SessionView }) {
  const { t, i18n } = useTranslation("sending");
  const navigate = useNavigate();
  const [asked, setAsked] = useState(false);
  const retry = useIntent(
    async (_: null, headers) =>
      present(
        await client.POST("/v1/sessions/{session_id}/retry-failed", {
          params: { path: { session_id: session.id } },
          headers,
        }),
      ),
    {
      onSuccess: (made) =>
        navigate({
          to: "/campaigns/$sessionId/edit",
          params: { sessionId: made.id },
          search: { step: "confirm" },
        }),
    },
  );
  const { failed } = session.progress;
  if (session.state !== "completed" || failed === 0 || session.campaign_id === null) return null;
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconRefresh size={16} />}
        onClick={() => setAsked(true)}
      >
        {t("retry.verb")}
      </Button>
      {asked && (
        <ConfirmDialog
          opened
          onClose={() => {
            setAsked(false);
            retry.reset();
          }}
          onConfirm={() => retry.mutate(null)}
          title={t("retry.title")}
          confirm={t("retry.verb")}
          pending={retry.isPending}
          error={retry.error}
        >
          <p>{t("retry.text", { count: failed, amount: formatInteger(failed, i18n.language) })}</p>
        </ConfirmDialog>
      )}
    </>
  );
}
