import { Skeleton } from "@mantine/core";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { Facts } from "@/ui/facts";
import { formatInteger } from "@/ui/format";
import { RelativeTime } from "@/ui/relative_time";
import { StatusPill } from "@/ui/status_pill";
import { GatewayActs } from "./gateway_acts";
import { GatewayPill } from "./gateway_pills";
import type { Gateway, Queue } from "./gateways";
import classes from "./gateways.module.css";
import { SenderLimits } from "./sender_limits";

const HealthChart = lazy(() => import("./health_chart"));

const REFRESH_MS = 10_000;

/** Everything about one gateway, beside the list. */
export function GatewayPanel({ gateway, queue }: { gateway: Gateway; queue: Queue | undefined }) {
  const { t } = useTranslation("gateways");
  const { data } = api.useQuery(
    "get",
    "/v1/gateways/{gateway_id}",
    { params: { path: { gateway_id: gateway.id } } },
    { refetchInterval: REFRESH_MS },
  );
  return (
    <div className={classes.panel}>
      <div>
        <GatewayPill of={gateway} size="md" />
      </div>
      <GatewayActs gateway={gateway} />
      <GatewayFacts gateway={gateway} queue={queue} />
      <Links gateway={gateway} />
      <SenderLimits gatewayId={gateway.id} />
      <div>
        <h3 className={classes.heading}>{t("history")}</h3>
        {data === undefined ? (
          <Skeleton height={210} />
        ) : (
          <Suspense fallback={<Skeleton height={210} />}>
            <HealthChart minutes={data.minutes} />
          </Suspense>
        )}
      </div>
    </div>
  );
}

function GatewayFacts({ gateway, queue }: { gateway: Gateway; queue: Queue | undefined }) {
  const { t, i18n } = useTranslation("gateways");
  const whole = (value: number) => formatInteger(value, i18n.language);
  const { settings } = gateway;
  const address = settings.kind === "smpp" ? `${settings.host}:${settings.port}` : settings.url;
  const limit = gateway.throughput_segments_per_second_max;
  const perSender = gateway.sender_segments_per_second_max;
  const facts = [
    { label: t("address"), value: <span className="mono">{address}</span> },
    ...(settings.kind === "http_json"
      ? [{ label: t("callback"), value: <span className="mono">{settings.callback_url}</span> }]
      : [{ label: t("system_id"), value: <span className="mono">{settings.system_id}</span> }]),
    { label: t("why_state"), value: gateway.state_reason },
    { label: t("why_health"), value: gateway.health_cause },
    { label: t("weight"), value: whole(gateway.weight) },
    { label: t("limit"), value: limit === null ? t("unlimited") : t("per_second", { limit }) },
    {
      label: t("sender_limit"),
      value: perSender === null ? t("unlimited") : t("per_second", { limit: perSender }),
    },
    { label: t("waits"), value: whole(queue?.messages ?? 0) },
    { label: t("waits_later"), value: whole(queue?.messages_later ?? 0) },
    {
      label: t("secret_changed"),
      value:
        gateway.secret_changed_at === null ? null : <RelativeTime at={gateway.secret_changed_at} />,
    },
  ];
  return <Facts facts={facts} />;
}

function Links({ gateway }: { gateway: Gateway }) {
  const { t } = useTranslation("gateways");
  if (gateway.links.length === 0) return null;
  return (
    <div>
      <h3 className={classes.heading}>{t("links")}</h3>
      <ul className={classes.links}>
        {gateway.links.map((link) => (
          <li key={link.process}>
            <span className="mono">{link.process}</span>
            <StatusPill tone={link.links_bound === link.links ? "ok" : "bad"}>
              {t("bound", { bound: link.links_bound, links: link.links })}
            </StatusPill>
            {(link.last_error !== "" || !link.is_current) && (
              <small>{link.is_current ? link.last_error : t("old_settings")}</small>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
