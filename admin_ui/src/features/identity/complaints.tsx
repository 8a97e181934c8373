import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import type { components } from "@/api/schema";
import { usePages } from "@/api/use_pages";
import { RelativeTime } from "@/ui/relative_time";
import { ErrorState } from "@/ui/states";
import { StatusPill } from "@/ui/status_pill";
import classes from "./tenant_trust.module.css";

type Complaint = components["schemas"]["ComplaintView"];

/** What was said against a company, newest first: by whom, how often, and in whose words. */
export function Complaints({ tenantId }: { tenantId: string }) {
  const { t } = useTranslation("trust");
  const { t: said } = useTranslation("matters");
  const { rows, error, onRetry, onLoadMore, loadingMore } = usePages<Complaint>(
    "/v1/tenants/{tenant_id}/complaints",
    { tenantId },
    ({ cursor, signal }) =>
      client.GET("/v1/tenants/{tenant_id}/complaints", {
        params: { path: { tenant_id: tenantId }, query: { cursor } },
        signal,
      }),
  );
  if (error !== null) return <ErrorState error={error} compact onRetry={onRetry} />;
  if (rows === undefined || rows.length === 0) return null;
  return (
    <>
      <h3 className={classes.heading}>{t("told")}</h3>
      <ul className={classes.strikes} aria-label={t("told")}>
        {rows.map((one) => (
          <li key={one.id}>
            <StatusPill tone="warn">
              {said(`source.${one.source}`)} {one.count}
            </StatusPill>
            <span>
              {one.reference}
              {one.note !== "" && ` · ${one.note}`}
            </span>
            <RelativeTime at={one.recorded_at} />
          </li>
        ))}
      </ul>
      {onLoadMore !== undefined && (
        <Button size="compact-sm" variant="default" loading={loadingMore} onClick={onLoadMore}>
          {t("older")}
        </Button>
      )}
    </>
  );
}
