import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { present } from "@/api/present";
import { useSession } from "@/api/session";
import { useIntent } from "@/api/use_intent";
import { ReasonDialog } from "@/ui/reason_dialog";
import type { CaseKey, CaseView } from "./queries";

/** For leads: the session of this case, ended for good in whatever state it is. */
export function EndSession({ at, seen }: { at: CaseKey; seen: CaseView }) {
  const { t } = useTranslation("sending");
  const roles = useSession()?.staff_roles ?? [];
  const queries = useQueryClient();
  const [asked, setAsked] = useState(false);
  const { session_id } = seen;
  const ending = useIntent(
    async ({ id, reason }: { id: string; reason: string }, headers) =>
      present(
        await client.POST("/v1/sessions/{tenant_id}/{session_id}/kill", {
          params: { path: { tenant_id: at.tenant, session_id: id } },
          body: { reason },
          headers,
        }),
      ),
    {
      onSuccess: async () => {
        setAsked(false);
        await queries.invalidateQueries({ queryKey: ["cases"] });
      },
    },
  );
  if (session_id === null || !(roles.includes("lead") || roles.includes("admin"))) return null;
  return (
    <>
      <Button size="compact-sm" variant="default" data-tone="bad" onClick={() => setAsked(true)}>
        {t("desk.end")}
      </Button>
      {asked && (
        <ReasonDialog
          title={t("desk.end_title", { name: seen.title })}
          text={t("desk.end_text")}
          label={t("desk.reason")}
          confirm={t("desk.end")}
          danger
          pending={ending.isPending}
          error={ending.error}
          onClose={() => {
            setAsked(false);
            ending.reset();
          }}
          onConfirm={(reason) => ending.mutate({ id: session_id, reason })}
        />
      )}
    </>
  );
}
