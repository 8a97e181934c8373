import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Callout } from "@/ui/callout";
import { countryName } from "@/ui/countries";
import { RelativeTime } from "@/ui/relative_time";
import { type CaseView, conductQuery, type VoteView } from "./queries";
import { reasonName } from "./reason_names";
import { ruleName } from "./rule_names";

/** Who may decide this, who has already said what, and what an appeal is about. */
export function CaseStanding({ seen }: { seen: CaseView }) {
  const { t } = useTranslation("moderation");
  const standing = seen.votes.filter(({ state }) => state === "counted" || state === "pending");
  return (
    <>
      {seen.is_barred && (
        <Callout tone="warn" title={t("standing.barred")}>
          {t(seen.appeal_of === null ? "standing.barred_vote" : "standing.barred_appeal")}
        </Callout>
      )}
      {seen.appeal_of !== null && <Appeal seen={seen} />}
      {standing.map((vote) => (
        <Vote key={vote.id} vote={vote} />
      ))}
      {seen.state === "open" && seen.four_eyes.length > 0 && standing.length === 0 && (
        <Callout tone="info" title={t("standing.four_eyes")}>
          <Reasons of={seen.four_eyes} />
        </Callout>
      )}
      {seen.lane === "lead_only" && seen.state === "open" && (
        <Callout tone="info" title={t("standing.lead_only")}>
          {seen.lane_why}
        </Callout>
      )}
    </>
  );
}

function Vote({ vote }: { vote: VoteView }) {
  const { t } = useTranslation("moderation");
  return (
    <Callout
      tone={vote.verdict === "approve" ? "ok" : "warn"}
      title={t(vote.state === "pending" ? "standing.pending" : "standing.first_vote", {
        name: vote.voter_name,
        verdict: t(`verdict.${vote.verdict}`),
      })}
    >
      <RelativeTime at={vote.cast_at} />
      {vote.note !== null && <> · {vote.note}</>}
      {vote.state === "counted" && (
        <>
          {" "}
          · {t("standing.second_needed")} <Reasons of={vote.four_eyes} />
        </>
      )}
    </Callout>
  );
}

function Appeal({ seen }: { seen: CaseView }) {
  const { t, i18n } = useTranslation("moderation");
  const reasons = useQuery(conductQuery).data?.reasons ?? [];
  return (
    <Callout tone="accent" title={t("standing.appeal")}>
      <q>{seen.appeal_text}</q>
      {seen.appealed !== null && (
        <p>
          {t("standing.appealed", {
            name: seen.appealed.decided_by_name,
            reason:
              seen.appealed.reason_code === null
                ? ""
                : reasonName(seen.appealed.reason_code, reasons, i18n),
          })}{" "}
          <RelativeTime at={seen.appealed.decided_at} /> {seen.appealed.message}
        </p>
      )}
      <p>{t("standing.appeal_verdicts")}</p>
    </Callout>
  );
}

/** `recipients`, `score`, `country:SE`, `rule:host_lookalike` in words. */
function Reasons({ of }: { of: readonly string[] }) {
  const { t, i18n } = useTranslation("moderation");
  const words = of.map((reason) => {
    const [kind, value = ""] = reason.split(":");
    if (kind === "country") {
      return t("four_eyes.country", { name: countryName(value, i18n.language) });
    }
    if (kind === "rule") return t("four_eyes.rule", { name: ruleName(value, i18n) });
    if (kind === "recipients" || kind === "score") return t(`four_eyes.${kind}`);
    return reason;
  });
  return <>{words.join(" · ")}</>;
}
