import { useTranslation } from "react-i18next";
import { StatusPill, Tag } from "@/ui/status_pill";
import type { Subscriber } from "./audience";
import classes from "./audience.module.css";

// More would make rows of different height; the drawer lists them all.
const TAGS_SHOWN = 2;

type Named = { value: string; label: string };

export function GroupTags({ ids, groups }: { ids: readonly string[]; groups: readonly Named[] }) {
  const names = groups.filter(({ value }) => ids.includes(value)).map(({ label }) => label);
  if (ids.length === 0) return <>–</>;
  return (
    <span className={classes.tags}>
      {names.slice(0, TAGS_SHOWN).map((name) => (
        <Tag key={name}>{name}</Tag>
      ))}
      {ids.length > TAGS_SHOWN && <Tag>+{ids.length - TAGS_SHOWN}</Tag>}
    </span>
  );
}

/** Where a name would stand; the number stands beside it. */
export function NoName() {
  const { t } = useTranslation();
  return <span className={classes.noName}>{t("audience.no_name")}</span>;
}

export function ConsentTag({ of }: { of: Subscriber }) {
  const { t } = useTranslation();
  if (of.consent_at === null) return <span>{t("audience.no_consent")}</span>;
  return <span title={of.consent_source ?? undefined}>{of.consent_source}</span>;
}

/** Whether a text can reach the person, the strongest hindrance first. */
export function SubscriberState({ of }: { of: Subscriber }) {
  const { t } = useTranslation();
  if (of.is_opted_out) return <StatusPill tone="bad">{t("audience.opted_out")}</StatusPill>;
  if (of.number_state !== "valid")
    return <StatusPill tone="warn">{t("audience.unreachable")}</StatusPill>;
  return <StatusPill tone="ok">{t("audience.reachable")}</StatusPill>;
}
