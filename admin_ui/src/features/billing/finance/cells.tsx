import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { formatMoney } from "../money";
import { useActorName } from "./actor_names";
import { useIsMine } from "./finance";
import classes from "./finance.module.css";

export function MoneyAmount({ minor, currency }: { minor: number; currency: string }) {
  const { i18n } = useTranslation();
  return <span className="tabular nowrap">{formatMoney(minor, currency, i18n.language)}</span>;
}

/** A name and what it was about, below it. */
export function Entry({ title, children }: { title: ReactNode; children?: ReactNode }) {
  return (
    <span className={classes.entry}>
      <span>{title}</span>
      {children !== undefined && <small>{children}</small>}
    </span>
  );
}

type TenantProps = {
  id: string | null;
  names: ReadonlyMap<string, string>;
  tab?: "top_ups" | "purchases" | "documents" | "terms";
};

export function TenantLink({ id, names, tab }: TenantProps) {
  const { t } = useTranslation("finance");
  if (id === null) return <>{t("unknown_tenant")}</>;
  return (
    <Link to="/finance/tenants/$tenantId" params={{ tenantId: id }} search={{ tab }}>
      {names.get(id) ?? "…"}
    </Link>
  );
}

const SHORT_CHARACTERS = 6;

/** Who did it, by name. The audit log has the whole id; where nobody is known any more its end tells
 * two apart.
 */
export function Actor({ actor }: { actor: string }) {
  const { t } = useTranslation("finance");
  const isMine = useIsMine();
  const name = useActorName(actor);
  if (isMine(actor)) return <>{t("you")}</>;
  const [kind = "", id = ""] = actor.split(":");
  if (kind === "system") return <>Clearsend</>;
  if (name === undefined) return <>…</>;
  if (name !== null) return <span title={actor}>{name}</span>;
  return (
    <span className="mono" title={actor}>
      {(id || actor).slice(-SHORT_CHARACTERS)}
    </span>
  );
}
