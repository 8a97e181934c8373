import { useTranslation } from "react-i18next";
import { formatInteger } from "@/ui/format";
import { Section } from "@/ui/page_header";
import { Tag } from "@/ui/status_pill";
import classes from "./facts.module.css";
import type { CaseView } from "./queries";

function groupNames(audience: CaseView["content"]["audience"]): string[] {
  const named = [audience.groups, audience.target_group_rules];
  return named
    .flat()
    .flatMap((group: unknown) =>
      typeof group === "object" && group !== null && "name" in group ? [String(group.name)] : [],
    );
}

/** Whom it reaches and whom the rules left out, as the dry run counted. */
export function AudienceFacts({ seen }: { seen: CaseView }) {
  const { t, i18n } = useTranslation();
  const { t: said } = useTranslation("moderation");
  const { content, dry_run: run } = seen;
  const number = (value: number) => formatInteger(value, i18n.language);
  const excluded = Object.entries(run.excluded).sort(([, a], [, b]) => b - a);
  const sources = Object.entries(run.consent_sources ?? {}).sort(([, a], [, b]) => b - a);
  const names = groupNames(content.audience);
  return (
    <Section title={t("desk_page.audience")}>
      <dl className={classes.facts}>
        <dt>{t("desk_page.groups")}</dt>
        <dd>
          {content.audience.all === true ? t("composer.audience.all") : names.join(", ") || "–"}
        </dd>
        <dt>{t("desk_page.alphabets")}</dt>
        <dd>
          {Object.entries(run.encodings)
            .map(([name, count]) => `${name === "gsm7" ? "GSM-7" : "UCS-2"} ${number(count)}`)
            .join(" · ")}
        </dd>
        {sources.length > 0 && (
          <>
            <dt>{said("facts.consent")}</dt>
            <dd>
              {sources
                .map(([source, count]) => `${source || said("facts.not_told")} ${number(count)}`)
                .join(" · ")}
            </dd>
          </>
        )}
        {run.without_consent > 0 && (
          <>
            <dt>{said("facts.without_consent")}</dt>
            <dd data-tone="bad">{number(run.without_consent)}</dd>
          </>
        )}
        <dt>{t("desk_page.longest")}</dt>
        <dd>
          {t("segments.count", { count: run.segments_max, amount: number(run.segments_max) })}
        </dd>
        {content.ceiling_credits !== null && (
          <>
            <dt>{t("composer.confirm.ceiling")}</dt>
            <dd>{number(content.ceiling_credits)}</dd>
          </>
        )}
        <dt>{t("session.left_out")}</dt>
        <dd className={classes.flags}>
          {excluded.length === 0
            ? "–"
            : excluded.map(([reason, count]) => (
                <Tag key={reason}>
                  {i18n.exists(`exclusion.${reason}`)
                    ? i18n.t(`exclusion.${reason}` as "brand")
                    : reason}{" "}
                  {number(count)}
                </Tag>
              ))}
        </dd>
      </dl>
    </Section>
  );
}
