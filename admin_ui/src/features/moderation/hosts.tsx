import { useTranslation } from "react-i18next";
import { formatInteger } from "@/ui/format";
import { Section } from "@/ui/page_header";
import { StatusPill, Tag } from "@/ui/status_pill";
import classes from "./facts.module.css";
import type { CaseView } from "./queries";

/** Where the texts lead, as inert text: nothing on this desk opens or fetches a tenant's link. */
export function Hosts({ seen }: { seen: CaseView }) {
  const { t, i18n } = useTranslation();
  const { hosts, hosts_left_out: more } = seen.dry_run;
  return (
    <Section flush title={t("desk_page.hosts")} aside={t("desk_page.hosts_inert")}>
      <ul className={classes.hosts}>
        {hosts.map((host) => (
          <li key={host.host}>
            <span>
              <code>{host.shown}</code>
              {host.shown !== host.host && <code data-real>{host.host}</code>}
              {host.sample !== undefined && host.sample !== "" && <q>{host.sample}</q>}
            </span>
            <span className={classes.flags}>
              <StatusPill tone={host.known ? "ok" : "warn"}>
                {t(host.known ? "desk_page.host_known" : "desk_page.host_new")}
              </StatusPill>
              {!host.in_fixed_text && <Tag tone="bad">{t("desk_page.host_from_data")}</Tag>}
              {(host.flags ?? []).map((flag) => (
                <Tag key={flag} tone="bad">
                  {i18n.exists(`link_flag.${flag}`) ? i18n.t(`link_flag.${flag}` as "brand") : flag}
                </Tag>
              ))}
            </span>
            <span className="tabular">
              {t("desk_page.in_messages", {
                count: host.messages,
                amount: formatInteger(host.messages, i18n.language),
              })}
            </span>
          </li>
        ))}
      </ul>
      {more > 0 && <p className={classes.more}>{t("desk_page.hosts_more", { count: more })}</p>}
    </Section>
  );
}
