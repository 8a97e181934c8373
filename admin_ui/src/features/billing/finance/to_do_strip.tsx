import { Link, type LinkProps } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { formatInteger } from "@/ui/format";
import type { ToDo } from "./finance";
import classes from "./finance.module.css";

const POLL_MS = 30_000;

const PLACES: readonly (Pick<LinkProps, "to" | "search"> & { key: keyof ToDo })[] = [
  { key: "transfers_to_match", to: "/finance/matching" },
  { key: "top_ups_pending", to: "/finance/waiting" },
  { key: "refunds_to_approve", to: "/finance/waiting" },
  { key: "corrections_pending", to: "/finance/waiting" },
  { key: "price_lists_waiting", to: "/finance/waiting" },
  { key: "documents_overdue", to: "/finance/documents", search: { state: "overdue" } },
  { key: "disputes_open", to: "/finance/payments", search: { tab: "disputes" } },
  { key: "payment_problems", to: "/finance/payments", search: { tab: "problems" } },
  { key: "reconciliation_items", to: "/finance/days", search: { tab: "reconciliation" } },
  { key: "low_big_senders", to: "/finance", search: { low: "yes" } },
];

/** What waits for somebody, each a link to where it is done; zero stays, but steps back. */
export function ToDoStrip() {
  const { t, i18n } = useTranslation("finance");
  const { data } = api.useQuery("get", "/v1/finance/to-do", {}, { refetchInterval: POLL_MS });
  return (
    <nav aria-label={t("to_do.title")}>
      <ul className={classes.todo}>
        {PLACES.map(({ key, to, search }) => {
          const count = data?.[key] ?? 0;
          return (
            <li key={key}>
              <Link to={to} search={search} data-waits={count > 0 || undefined}>
                <strong>{data === undefined ? "–" : formatInteger(count, i18n.language)}</strong>
                {t(`to_do.${key}`)}
              </Link>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
