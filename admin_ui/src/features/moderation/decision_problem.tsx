import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Problem } from "@/api/problem";
import { Callout } from "@/ui/callout";
import { ErrorState } from "@/ui/states";
import type { Verdict } from "./queries";

type Props = {
  problem: Problem | null;
  onReload: () => void;
  onClaim: () => void;
  onNext: () => void;
};

/** What came between, in place: the words and the reason that were chosen stay below. */
export function DecisionProblem({ problem, onReload, onClaim, onNext }: Props) {
  const { t } = useTranslation();
  if (problem === null) return null;
  const { code, facts } = problem;
  const name = String(facts.holder_name ?? facts.decided_by_name ?? "");
  const next = (
    <Button size="compact-md" onClick={onNext}>
      {t("desk_page.next_case")}
    </Button>
  );
  const reload = (
    <Button size="compact-md" variant="default" onClick={onReload}>
      {t("desk_page.load_again")}
    </Button>
  );
  if (code === "lease_lost") {
    return (
      <Callout
        tone="warn"
        live
        title={name === "" ? t("desk_page.lost") : t("desk_page.lost_to", { name })}
        action={
          name === "" ? (
            <Button size="compact-md" onClick={onClaim}>
              {t("desk_page.claim")}
            </Button>
          ) : (
            next
          )
        }
      >
        {t("desk_page.note_kept")}
      </Callout>
    );
  }
  if (code === "case_held") {
    return (
      <Callout tone="info" live title={t("desk_page.held_by", { name })} action={next}>
        {t("desk_page.note_kept")}
      </Callout>
    );
  }
  if (code === "content_changed") {
    return (
      <Callout tone="warn" live title={t("desk_page.content_changed")} action={reload}>
        {t("desk_page.content_changed_text")}
      </Callout>
    );
  }
  if (code === "already_decided") {
    const verdict = facts.verdict as Verdict | null;
    return (
      <Callout
        tone="info"
        live
        title={
          verdict === null
            ? t("desk_page.closed")
            : t("desk_page.decided_by", { verdict: t(`desk_page.verdict.${verdict}`), name })
        }
        action={next}
      >
        {t("desk_page.note_kept")}
      </Callout>
    );
  }
  if (code === "case_closed") {
    return (
      <Callout tone="info" live title={t("desk_page.closed")} action={next}>
        {t("desk_page.closed_text")}
      </Callout>
    );
  }
  return <ErrorState compact error={problem} safe={t("desk_page.nothing_decided")} />;
}
