import { Button } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ReasonDialog } from "@/ui/reason_dialog";
import type { CaseKey, CaseView } from "./queries";
import { useRevoke } from "./writes";

/** An approval taken back: what is scheduled waits again, what is sending goes on and is counted. */
export function Revoke({ at, seen }: { at: CaseKey; seen: CaseView }) {
  const { t } = useTranslation("moderation");
  const [asked, setAsked] = useState(false);
  const revoke = useRevoke();
  const { decision } = seen;
  if (decision === null || decision.verdict !== "approve" || decision.revoked_at !== null) {
    return null;
  }
  return (
    <>
      <Button size="compact-sm" variant="default" onClick={() => setAsked(true)}>
        {t("revoke.verb")}
      </Button>
      {asked && (
        <ReasonDialog
          title={t("revoke.title", { name: seen.title })}
          text={t("revoke.text")}
          label={t("revoke.why")}
          confirm={t("revoke.verb")}
          danger
          pending={revoke.isPending}
          error={revoke.error}
          onClose={() => {
            setAsked(false);
            revoke.reset();
          }}
          onConfirm={(reason) =>
            revoke.mutate({ key: at, reason }, { onSuccess: () => setAsked(false) })
          }
        />
      )}
    </>
  );
}
