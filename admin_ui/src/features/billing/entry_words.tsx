import { keepPreviousData } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import type { StatementLine } from "./billing";
import classes from "./billing.module.css";

const SESSIONS_NAMED_MAX = 100;
const NAMES_FRESH_MS = 60_000;
/** What we write ourselves where a person would give a reason. */
const CODES = ["trial", "undelivered", "bought: checkout", "bought: auto_reload"] as const;
const UUID = /[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/;

type Props = { line: StatementLine; isTenant: boolean };

/** What a transfer was for, in words: its session, the reason given, or the paper it came from. */
export function EntryWords({ line, isTenant }: Props) {
  const { t } = useTranslation();
  const { t: said } = useTranslation("billing");
  const code = CODES.find((each) => each === line.reason);
  const reason =
    code === undefined ? line.reason : said(`code.${code.replace("bought: ", "") as "trial"}`);
  const isPaper = line.session_id === null && !UUID.test(line.reference);
  return (
    <span className={classes.entry}>
      {t(`transfer.${line.kind}`)}
      <small>
        {line.session_id !== null && <SessionName id={line.session_id} isTenant={isTenant} />}
        {line.session_id !== null && reason !== null && " · "}
        {reason ?? (isPaper && <span className="mono">{line.reference}</span>)}
      </small>
    </span>
  );
}

/** By the newest sessions of the tenant; an older one is called by the end of its id. */
export function useSessionNames(enabled = true): (id: string) => string {
  const { t } = useTranslation();
  const { data } = api.useQuery(
    "get",
    "/v1/sessions",
    { params: { query: { limit: SESSIONS_NAMED_MAX } } },
    { enabled, staleTime: NAMES_FRESH_MS, placeholderData: keepPreviousData },
  );
  return (id) =>
    data?.items.find((session) => session.id === id)?.campaign_name ??
    t("billing.of_session", { id: id.slice(-6) });
}

export function SessionName({ id, isTenant }: { id: string; isTenant: boolean }) {
  const names = useSessionNames(isTenant);
  if (!isTenant) return <span title={id}>{names(id)}</span>;
  return (
    <Link to="/campaigns/$sessionId" params={{ sessionId: id }}>
      {names(id)}
    </Link>
  );
}
