import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { present } from "@/api/present";
import type { components } from "@/api/schema";
import { useSession } from "@/api/session";
import { useIntent } from "@/api/use_intent";
import { formatDay } from "./format";
import { ReasonDialog } from "./reason_dialog";
import { RelativeTime } from "./relative_time";

type Outcome = components["schemas"]["OutcomeView"];

const SUBMITTERS = new Set(["owner", "manager", "sender"]);

/** A refusal can be appealed once; then what became of it stands here. */
export function AppealPart({ outcome }: { outcome: Outcome }) {
  const role = useSession()?.member_role ?? "";
  if (outcome.verdict !== "refuse") return null;
  if (outcome.may_appeal_until === null) return <Appealed id={outcome.id} />;
  return SUBMITTERS.has(role) ? <Ask id={outcome.id} until={outcome.may_appeal_until} /> : null;
}

function Ask({ id, until }: { id: string; until: string }) {
  const { t, i18n } = useTranslation("review");
  const queries = useQueryClient();
  const [asked, setAsked] = useState(false);
  const appeal = useIntent(
    async (text: string, headers) =>
      present(
        await client.POST("/v1/decisions/{decision_id}/appeal", {
          params: { path: { decision_id: id } },
          body: { text },
          headers,
        }),
      ),
    {
      onSuccess: async () => {
        setAsked(false);
        await queries.invalidateQueries({ queryKey: ["decisions"] });
      },
    },
  );
  return (
    <p>
      <Button size="compact-md" variant="default" onClick={() => setAsked(true)}>
        {t("appeal.ask")}
      </Button>{" "}
      {t("appeal.until", { date: formatDay(new Date(until), i18n.language) })}
      {asked && (
        <ReasonDialog
          title={t("appeal.title")}
          text={t("appeal.text")}
          label={t("appeal.why")}
          confirm={t("appeal.send")}
          pending={appeal.isPending}
          error={appeal.error}
          onClose={() => {
            setAsked(false);
            appeal.reset();
          }}
          onConfirm={(text) => appeal.mutate(text)}
        />
      )}
    </p>
  );
}

function Appealed({ id }: { id: string }) {
  const { t } = useTranslation("review");
  const { data } = useQuery({
    queryKey: ["decisions", "appeal", id],
    retry: false,
    queryFn: async ({ signal }) =>
      present(
        await client.GET("/v1/decisions/{decision_id}/appeal", {
          params: { path: { decision_id: id } },
          signal,
        }),
      ),
  });
  if (data === undefined) return null;
  return (
    <p>
      <strong>{t("appeal.made")}</strong> <RelativeTime at={data.made_at} />.{" "}
      {t(`appeal.${data.state as "waiting" | "granted" | "upheld"}`)}{" "}
      {data.answer !== null && data.answer !== "" && (
        <>
          {t("appeal.answer")} {data.answer}
        </>
      )}
    </p>
  );
}
