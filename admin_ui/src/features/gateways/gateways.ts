import type { components } from "@/api/schema";

export type Gateway = components["schemas"]["GatewayView"];
export type GatewayDetail = components["schemas"]["GatewayDetail"];
export type Queue = components["schemas"]["GatewayQueue"];
export type Figures = components["schemas"]["Figures"];

export const GATEWAYS = "/v1/gateways";
export const QUEUES = "/v1/gateways/queues";

const SECONDS_PER_WINDOW = 15 * 60;

/** Of what was answered in the last minutes: how much the gateway itself got wrong. */
export function errorRatio({ submitted, errors, in_doubt }: Figures): number | null {
  return submitted === 0 ? null : (errors + in_doubt) / submitted;
}

/** Parts a second, over the last minutes. */
export function speed({ accepted }: Figures): number {
  return accepted / SECONDS_PER_WINDOW;
}

/** What its processes may write a second now: throttling leaves less than was agreed. */
export function granted(gateway: Gateway): number | null {
  const agreed = gateway.throughput_segments_per_second_max;
  const left = gateway.links.map((link) => link.segments_per_second);
  if (left.length === 0 || left.some((rate) => rate === null)) return agreed;
  const sum = left.reduce<number>((total, rate) => total + (rate ?? 0), 0);
  return agreed === null ? sum : Math.min(agreed, sum);
}

export function windowOf(gateway: Gateway): { used: number; room: number } {
  const used = gateway.links.reduce((total, link) => total + link.outstanding, 0);
  const bound = gateway.links.reduce((total, link) => total + link.links_bound, 0);
  const { settings } = gateway;
  const room =
    settings.kind === "smpp"
      ? bound * (settings.window_segments_max ?? 1)
      : bound * (settings.requests_in_flight_max ?? 1);
  return { used, room };
}

export function lastError(gateway: Gateway): string {
  return gateway.links.find((link) => link.last_error !== "")?.last_error ?? "";
}
