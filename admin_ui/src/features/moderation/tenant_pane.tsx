import { IconCircleCheckFilled, IconInfoCircleFilled, IconXboxXFilled } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useSession } from "@/api/session";
import { Avatar } from "@/ui/avatar";
import { Bars } from "@/ui/charts/bars";
import { formatDay, formatInteger, formatPercent } from "@/ui/format";
import { RelativeTime } from "@/ui/relative_time";
import { StatusPill } from "@/ui/status_pill";
import type { CaseView, Verdict } from "./queries";
import classes from "./tenant_pane.module.css";

const COUNTRIES_SHOWN = 6;

function regionName(country: string, language: string): string {
  try {
    return new Intl.DisplayNames(language, { type: "region" }).of(country) ?? country;
  } catch {
    return country;
  }
}

/** Who asks: how their earlier submissions went, and whom this one reaches. */
export function TenantPane({ seen }: { seen: CaseView }) {
  const { t, i18n } = useTranslation();
  const { t: said } = useTranslation("moderation");
  const roles = useSession()?.staff_roles ?? [];
  const mayOpen = roles.includes("moderator") || roles.includes("lead");
  const { record, dry_run: run, bounds } = seen;
  const { tenant } = record;
  const { opt_outs_per_mille: optOuts, complaints_per_mille: complaints } = record.trust.rates;
  const rate = (perMille: number) => formatPercent(perMille / 1_000, i18n.language);
  const decided = record.approved + record.changes_requested + record.refused;
  const number = (value: number) => formatInteger(value, i18n.language);
  const countries = Object.entries(run.countries).sort(([, a], [, b]) => b - a);
  return (
    <aside className={classes.tenant} aria-label={t("desk_page.company")}>
      <header>
        <Avatar name={tenant.name} square />
        <div>
          <strong>
            {/* The file holds every strike and complaint; people from outside see the case alone. */}
            {mayOpen ? (
              <Link to="/tenants/$tenantId" params={{ tenantId: tenant.id }}>
                {tenant.name}
              </Link>
            ) : (
              tenant.name
            )}
          </strong>
          <span>
            {t("desk_page.since")} {formatDay(new Date(tenant.created_at), i18n.language)}
          </span>
        </div>
      </header>
      <div className={classes.pills}>
        <StatusPill tone={tenant.status === "active" ? "ok" : "warn"}>
          {t(`tenant_status.${tenant.status as "trial"}`, { defaultValue: tenant.status })}
        </StatusPill>
        <StatusPill tone={tenant.verified_phone === null ? "warn" : "ok"}>
          {t(tenant.verified_phone === null ? "desk_page.unverified" : "desk_page.verified")}
        </StatusPill>
        {tenant.auto_validation !== null && (
          <StatusPill tone="info">{t("desk_page.auto_validation")}</StatusPill>
        )}
      </div>
      <dl>
        <dt>{t("desk_page.approved")}</dt>
        <dd className="tabular">
          {t("desk_page.of", { count: record.approved, all: number(decided) })}
        </dd>
        <dt>{t("desk_page.changes_requested")}</dt>
        <dd className="tabular">{number(record.changes_requested)}</dd>
        <dt>{t("desk_page.refused")}</dt>
        <dd className="tabular" data-tone={record.refused > 0 ? "bad" : undefined}>
          {number(record.refused)}
        </dd>
        <dt>{t("desk_page.revoked")}</dt>
        <dd className="tabular">{number(record.revoked)}</dd>
        {optOuts !== null && (
          <>
            <dt>{said("facts.opt_outs")}</dt>
            <dd className="tabular">{rate(optOuts)}</dd>
          </>
        )}
        {complaints !== null && (
          <>
            <dt>{said("facts.complaints")}</dt>
            <dd className="tabular" data-tone={complaints > 0 ? "bad" : undefined}>
              {rate(complaints)}
            </dd>
          </>
        )}
        <dt>{said("facts.balance")}</dt>
        <dd className="tabular">{number(record.balance.available)}</dd>
        {record.trust.weight > 0 && (
          <>
            <dt>{said("facts.strikes")}</dt>
            <dd className="tabular" data-tone="bad">
              {number(record.trust.weight)}
            </dd>
          </>
        )}
        <dt>{t("desk_page.largest")}</dt>
        <dd className="tabular">
          {record.largest_approved_recipients === null
            ? t("desk_page.never")
            : number(record.largest_approved_recipients)}
        </dd>
      </dl>
      {tenant.auto_validation_lost_reason !== null && (
        <p className={classes.note}>
          <strong>{t("desk_page.auto_lost")}</strong> {tenant.auto_validation_lost_reason}
        </p>
      )}
      {countries.length > 0 && (
        <section>
          <h3>{t("desk_page.this_send")}</h3>
          <Bars
            label={t("desk_page.this_send")}
            bars={countries.slice(0, COUNTRIES_SHOWN).map(([country, value]) => ({
              id: country,
              label: regionName(country, i18n.language),
              value,
            }))}
          />
        </section>
      )}
      {bounds !== null && (
        <section>
          <h3>{t("desk_page.bounds")}</h3>
          <p className={classes.quiet}>
            {t("desk_page.bounds_text", {
              recipients: number(bounds.recipients_max),
              segments: number(bounds.segments_max),
              countries: bounds.countries.join(", "),
            })}
          </p>
        </section>
      )}
      <section>
        <h3>{t("desk_page.earlier")}</h3>
        {record.recent.length === 0 && (
          <p className={classes.quiet}>{t("desk_page.earlier_none")}</p>
        )}
        <ul className={classes.earlier}>
          {record.recent.map((decision) => (
            <li key={decision.id}>
              <VerdictIcon verdict={decision.verdict} />
              <span>
                {decision.title}
                {decision.note !== null && decision.note !== "" && <small>{decision.note}</small>}
              </span>
              <RelativeTime at={decision.decided_at} />
            </li>
          ))}
        </ul>
      </section>
    </aside>
  );
}

function VerdictIcon({ verdict }: { verdict: Verdict }) {
  const { t } = useTranslation();
  const label = t(`desk_page.verdict.${verdict}`);
  if (verdict === "approve") {
    return <IconCircleCheckFilled size={16} data-tone="ok" role="img" aria-label={label} />;
  }
  if (verdict === "refuse") {
    return <IconXboxXFilled size={16} data-tone="bad" role="img" aria-label={label} />;
  }
  return <IconInfoCircleFilled size={16} data-tone="warn" role="img" aria-label={label} />;
}
