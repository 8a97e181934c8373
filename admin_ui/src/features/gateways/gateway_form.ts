import type { components } from "@/api/schema";
import type { Gateway } from "./gateways";

type Kind = Gateway["settings"]["kind"];
type Settings = components["schemas"]["GatewayCreate"]["settings"];

/** Flat, as a form has it; numbers are empty where there is no limit. */
export type Fields = {
  name: string;
  kind: Kind;
  host: string;
  port: number | string;
  has_tls: boolean;
  system_id: string;
  sessions_count: number | string;
  window_segments_max: number | string;
  url: string;
  callback_url: string;
  messages_per_request_max: number | string;
  secret: string;
  weight: number | string;
  countries: string[];
  limit: number | string;
  sender_limit: number | string;
  reason: string;
};

const FRESH: Fields = {
  name: "",
  kind: "smpp",
  host: "",
  port: 2775,
  has_tls: false,
  system_id: "",
  sessions_count: 1,
  window_segments_max: 256,
  url: "",
  callback_url: "",
  messages_per_request_max: 100,
  secret: "",
  weight: 100,
  countries: [],
  limit: "",
  sender_limit: "",
  reason: "",
};

export function fieldsOf(gateway: Gateway | undefined): Fields {
  if (gateway === undefined) return FRESH;
  return {
    ...FRESH,
    ...gateway.settings,
    name: gateway.name,
    weight: gateway.weight,
    countries: gateway.countries ?? [],
    limit: gateway.throughput_segments_per_second_max ?? "",
    sender_limit: gateway.sender_segments_per_second_max ?? "",
  };
}

const orNull = (value: number | string) => (value === "" ? null : Number(value));

function settingsOf(fields: Fields, known: Gateway["settings"] | undefined): Settings {
  if (fields.kind === "smpp") {
    return {
      system_type: "",
      receipt_utc_offset_minutes: 0,
      ...(known?.kind === "smpp" ? known : {}),
      kind: "smpp",
      host: fields.host.trim(),
      port: Number(fields.port),
      has_tls: fields.has_tls,
      system_id: fields.system_id.trim(),
      sessions_count: Number(fields.sessions_count),
      window_segments_max: Number(fields.window_segments_max),
    };
  }
  return {
    requests_in_flight_max: 4,
    has_request_lookup: true,
    ...(known?.kind === "http_json" ? known : {}),
    kind: "http_json",
    url: fields.url.trim(),
    callback_url: fields.callback_url.trim(),
    messages_per_request_max: Number(fields.messages_per_request_max),
  };
}

/** Without the secret: only who adds a gateway sends one. */
export function bodyOf(fields: Fields, known: Gateway["settings"] | undefined) {
  return {
    name: fields.name.trim(),
    settings: settingsOf(fields, known),
    weight: Number(fields.weight),
    countries: fields.countries.length === 0 ? null : fields.countries,
    throughput_segments_per_second_max: orNull(fields.limit),
    sender_segments_per_second_max: orNull(fields.sender_limit),
    reason: fields.reason.trim(),
  };
}

const NAMES: Readonly<Record<string, keyof Fields>> = {
  throughput_segments_per_second_max: "limit",
  sender_segments_per_second_max: "sender_limit",
};

/** The server's pointers, by the names of this form. */
export function formErrors(errors: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(errors).map(([path, message]) => {
      const [first = "", second] = path.split(".");
      if (first === "settings" && second !== undefined) return [second, message];
      return [NAMES[first] ?? first, message];
    }),
  );
}
