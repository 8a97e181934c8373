import { useTranslation } from "react-i18next";
import { DiffView } from "@/ui/diff_view";
import { Section } from "@/ui/page_header";
import { RelativeTime } from "@/ui/relative_time";
import { StatusPill, Tag } from "@/ui/status_pill";
import classes from "./case_pane.module.css";
import type { CaseView } from "./queries";

/** Word by word against what was approved before. */
export function Comparison({ seen }: { seen: CaseView }) {
  const { t } = useTranslation();
  const { comparison } = seen;
  if (comparison === null) return null;
  const text = (without: "added" | "removed") =>
    comparison.pieces
      .filter(({ change }) => change !== without)
      .map((piece) => piece.text)
      .join("");
  const isSame = comparison.pieces.every(({ change }) => change === "same");
  return (
    <Section
      flush={!isSame}
      title={t(
        comparison.is_same_campaign ? "desk_page.changed_campaign" : "desk_page.changed_tenant",
      )}
      aside={
        <span>
          {comparison.title}, <RelativeTime at={comparison.approved_at} />
        </span>
      }
    >
      {isSame ? (
        <StatusPill tone="ok">{t("desk_page.unchanged")}</StatusPill>
      ) : (
        <DiffView
          before={{ label: t("desk_page.before"), text: text("added") }}
          after={{ label: t("desk_page.after"), text: text("removed") }}
        />
      )}
    </Section>
  );
}

export function SenderFacts({ seen }: { seen: CaseView }) {
  const { t } = useTranslation();
  const { content } = seen;
  return (
    <Section title={t("desk_page.sender")}>
      <p className={classes.senderName}>{content.sender}</p>
      <p className={classes.quiet}>{content.purpose || t("desk_page.no_purpose")}</p>
      {content.resembles !== null && (
        <p>
          <Tag tone="bad">{t("desk_page.resembles", { name: content.resembles })}</Tag>
        </p>
      )}
    </Section>
  );
}
