import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { StatusPill } from "@/ui/status_pill";
import { shortDay } from "./days";
import type { ClosedDay } from "./finance";

const TONES = { none_closed: "idle", agreed: "ok", differed: "bad", uncompared: "warn" } as const;

/** A day that nobody compared does not agree yet, which is not to say that it differs. */
function stateOf({ agrees, ledger_agrees, unresolved }: ClosedDay): keyof typeof TONES {
  if (agrees) return "agreed";
  return ledger_agrees && unresolved === 0 ? "uncompared" : "differed";
}

/** Whether the last closed day agreed: the first thing one wants to know in the morning. */
export function DayState() {
  const { t, i18n } = useTranslation("finance");
  const { data } = api.useQuery("get", "/v1/finance/days", { params: { query: { limit: 1 } } });
  if (data === undefined) return null;
  const [last] = data.items;
  const state = last === undefined ? "none_closed" : stateOf(last);
  return (
    <Link to="/finance/days" style={{ textDecoration: "none" }}>
      <StatusPill tone={TONES[state]} size="md">
        {t(`days.${state}`, {
          day: last === undefined ? "" : shortDay(last.day, i18n.language),
        })}
      </StatusPill>
    </Link>
  );
}
