import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { Callout } from "@/ui/callout";
import { formatClock, formatInteger } from "@/ui/format";

const REFRESH_MS = 10_000;

type Props = { sessionId: string; title: string; text: string };

/** Where a submission stands in the queue, and how long that usually takes. */
export function ReviewWait({ sessionId, title, text }: Props) {
  const { t, i18n } = useTranslation("review");
  const { data: wait } = api.useQuery(
    "get",
    "/v1/sessions/{session_id}/wait",
    { params: { path: { session_id: sessionId } } },
    { refetchInterval: REFRESH_MS },
  );
  return (
    <Callout tone="accent" title={title}>
      <p>{text}</p>
      {wait?.is_waiting && (
        <p aria-live="polite">
          <strong>{placeOf()}</strong>{" "}
          {wait.p50_seconds !== null &&
            wait.p90_seconds !== null &&
            t("wait.estimate", {
              half: formatClock(wait.p50_seconds * 1_000),
              most: formatClock(wait.p90_seconds * 1_000),
            })}
        </p>
      )}
    </Callout>
  );

  function placeOf(): string {
    if (wait === undefined) return "";
    if (wait.is_decided) return t("wait.decided");
    if (wait.is_being_looked_at) return t("wait.being_read");
    if (wait.position === null) return "";
    if (wait.position <= 1) return t("wait.next");
    const before = wait.position - 1;
    return t("wait.position", { count: before, amount: formatInteger(before, i18n.language) });
  }
}
