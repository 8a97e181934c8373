import { IconBellRinging } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { formatInteger } from "@/ui/format";
import { Section } from "@/ui/page_header";
import { Tag } from "@/ui/status_pill";
import { Head } from "./outlook";
import classes from "./outlook.module.css";

/** Below which balances somebody is told; set where all notices are. */
export function Warnings() {
  const { t, i18n } = useTranslation("billing");
  const { data } = api.useQuery("get", "/v1/balance-warnings", {});
  if (data === undefined) return null;
  return (
    <Section>
      <Head icon={<IconBellRinging size={16} aria-hidden />} title={t("warnings.title")} />
      {data.levels.length === 0 ? (
        <p className={classes.note}>{t("warnings.none")}</p>
      ) : (
        <ul className={classes.levels} aria-label={t("warnings.levels")}>
          {data.levels.map((level) => (
            <li key={level}>
              <Tag tone="info">{formatInteger(level, i18n.language)}</Tag>
            </li>
          ))}
        </ul>
      )}
      <Link to="/notices" search={{ tab: "preferences" }}>
        {t("warnings.change")}
      </Link>
    </Section>
  );
}
