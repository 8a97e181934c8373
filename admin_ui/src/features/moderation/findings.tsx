import {
  IconAlertTriangle,
  IconCircleX,
  IconInfoCircle,
  IconUserQuestion,
  type TablerIcon,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { formatInteger } from "@/ui/format";
import { MarkedText } from "@/ui/marked_text";
import { Section } from "@/ui/page_header";
import { RelativeTime } from "@/ui/relative_time";
import { utf16Index } from "@/ui/spans";
import { StatusPill } from "@/ui/status_pill";
import classes from "./case_pane.module.css";
import type { CaseView, Hit } from "./queries";
import { ruleName } from "./rule_names";

const LOOKS: Record<Hit["severity"], { icon: TablerIcon; tone: "bad" | "warn" | "info" }> = {
  block: { icon: IconCircleX, tone: "bad" },
  flag: { icon: IconAlertTriangle, tone: "warn" },
  info: { icon: IconInfoCircle, tone: "info" },
};
// What a moderator wants to see clean first; the rest is counted.
const CLEAN_FIRST = [
  "no_opt_out",
  "host_new",
  "host_lookalike",
  "link_in_data",
  "unusual_size",
  "all_capitals",
];
const CLEAN_SHOWN = 5;

/** What the rules said, worst first, then what they found clean. */
export function Findings({ seen }: { seen: CaseView }) {
  const { t, i18n } = useTranslation();
  const { t: said } = useTranslation("moderation");
  const missing = Object.entries(seen.dry_run.missing);
  const clean = [...seen.clean_rules].sort((a, b) => place(a) - place(b));
  return (
    <Section flush label={t("desk_page.findings")}>
      {seen.hits.map((hit) => (
        <Finding key={`${hit.rule} ${hit.host} ${hit.matched}`} hit={hit} />
      ))}
      {missing.map(([name, count]) => (
        <div key={name} className={classes.finding} data-tone="warn">
          <IconUserQuestion size={18} aria-hidden />
          <div>
            <strong>
              {said(`missing.${name.startsWith("property:") ? "property" : "attribute"}`, {
                name: name.slice(name.indexOf(":") + 1),
                count,
                amount: formatInteger(count, i18n.language),
              })}
            </strong>
            <p>{t("desk_page.missing_hint")}</p>
          </div>
        </div>
      ))}
      <div className={classes.passed}>
        {clean.slice(0, CLEAN_SHOWN).map((rule) => (
          <StatusPill key={rule} tone="ok">
            {i18n.exists(`rule_clean.${rule}`)
              ? i18n.t(`rule_clean.${rule}` as "brand")
              : ruleName(rule, i18n)}
          </StatusPill>
        ))}
        {clean.length > CLEAN_SHOWN && (
          <span className={classes.quiet}>
            {t("desk_page.clean_more", { count: clean.length - CLEAN_SHOWN })}
          </span>
        )}
      </div>
    </Section>
  );
}

function place(rule: string): number {
  const index = CLEAN_FIRST.indexOf(rule);
  return index < 0 ? CLEAN_FIRST.length : index;
}

function Finding({ hit }: { hit: Hit }) {
  const { t, i18n } = useTranslation();
  const { t: said } = useTranslation("moderation");
  const { icon: Icon, tone } = LOOKS[hit.severity];
  const key = `rule_text.${hit.rule}`;
  const [start, end] = hit.span ?? [];
  const marks =
    start === undefined || end === undefined
      ? []
      : [{ from: utf16Index(hit.text, start), to: utf16Index(hit.text, end), tone }];
  return (
    <div className={classes.finding} data-tone={tone}>
      <Icon size={18} aria-hidden />
      <div>
        <strong>{i18n.exists(key) ? i18n.t(key as "brand") : hit.message}</strong>
        {marks.length > 0 && <MarkedText text={hit.text} marks={marks} />}
        {hit.similar != null && (
          <p>
            {said("facts.similar", { percent: hit.similar.percent, title: hit.similar.title })}{" "}
            <RelativeTime at={hit.similar.decided_at} />
          </p>
        )}
      </div>
      {(hit.points ?? 0) > 0 && <span className={classes.count}>+{hit.points}</span>}
      {hit.messages > 0 && (
        <span className={classes.count}>
          {t("desk_page.in_messages", {
            count: hit.messages,
            amount: formatInteger(hit.messages, i18n.language),
          })}
        </span>
      )}
    </div>
  );
}
