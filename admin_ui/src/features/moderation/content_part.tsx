import { Button, UnstyledButton } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, client } from "@/api/client";
import { present } from "@/api/present";
import type { components } from "@/api/schema";
import { useSession } from "@/api/session";
import { useIntent } from "@/api/use_intent";
import { Section } from "@/ui/page_header";
import { ReasonDialog } from "@/ui/reason_dialog";
import { RelativeTime } from "@/ui/relative_time";
import { ErrorState, PageSkeleton } from "@/ui/states";
import { StatusPill, type Tone } from "@/ui/status_pill";
import classes from "./lead_pages.module.css";
import { RuleEditor } from "./rule_editor";
import { useReadRulesAgain } from "./rule_writes";

type Badge = components["schemas"]["RuleSetBadge"];

const TONES: Record<Badge["state"], Tone> = {
  draft: "warn",
  in_force: "ok",
  replaced: "idle",
  discarded: "idle",
};

/** Versions of the content rules: one in force, drafts to be tested, and what was replaced. */
export function ContentPart() {
  const { t } = useTranslation("rules");
  const { data, error, refetch } = api.useQuery("get", "/v1/rule-sets");
  const mayEdit = useSession()?.staff_roles.includes("lead") ?? false;
  const [chosen, setChosen] = useState<string | null>(null);
  const [asked, setAsked] = useState(false);
  const again = useReadRulesAgain();
  const begin = useIntent(
    async (note: string, headers) =>
      present(await client.POST("/v1/rule-sets", { body: { note }, headers })),
    {
      onSuccess: async (made) => {
        await again();
        setAsked(false);
        setChosen(String(made.version));
      },
    },
  );
  if (data === undefined) {
    return error ? <ErrorState error={error} onRetry={() => void refetch()} /> : <PageSkeleton />;
  }
  const sets = data.filter(({ state }) => state !== "discarded");
  const inForce = sets.find(({ state }) => state === "in_force") ?? sets.at(-1);
  const shown = chosen ?? String(inForce?.version ?? 0);
  return (
    <div className={classes.stack}>
      <Section
        title={t("sets")}
        aside={
          mayEdit && (
            <Button
              size="compact-md"
              leftSection={<IconPlus size={15} />}
              onClick={() => setAsked(true)}
            >
              {t("draft.begin")}
            </Button>
          )
        }
      >
        <ul className={classes.sets}>
          {sets.map((set) => (
            <li key={set.version}>
              <UnstyledButton
                className={classes.setLine}
                aria-current={String(set.version) === shown}
                onClick={() => setChosen(String(set.version))}
              >
                <strong>{t("version", { version: set.version })}</strong>
                <StatusPill tone={TONES[set.state]}>{t(`state.${set.state}`)}</StatusPill>
                <span>{set.note}</span>
                <span>{t("on", { count: set.rules_on })}</span>
                {set.changed_at !== null && <RelativeTime at={set.changed_at} />}
              </UnstyledButton>
            </li>
          ))}
        </ul>
      </Section>
      <RuleEditor key={shown} version={Number(shown)} mayEdit={mayEdit} />
      {asked && (
        <ReasonDialog
          title={t("draft.title")}
          text={t("draft.text")}
          label={t("draft.note")}
          confirm={t("draft.begin")}
          pending={begin.isPending}
          error={begin.error}
          onClose={() => {
            setAsked(false);
            begin.reset();
          }}
          onConfirm={(note) => begin.mutate(note)}
        />
      )}
    </div>
  );
}
