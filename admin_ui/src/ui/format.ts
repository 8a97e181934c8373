/** Numbers, times and zones as the chosen language writes them; Intl only, no own tables. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export function formatInteger(value: number, language: string): string {
  return new Intl.NumberFormat(language, { maximumFractionDigits: 0 }).format(value);
}

export function formatPercent(ratio: number, language: string): string {
  return new Intl.NumberFormat(language, {
    style: "percent",
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  }).format(ratio);
}

/** Rounded down: 99.97 % never reads as done. */
export function formatProgress(done: number, planned: number, language: string): string {
  const tenths = planned === 0 ? 1_000 : Math.floor((done / planned) * 1_000);
  return formatPercent(tenths / 1_000, language);
}

export function formatExact(instant: Date, language: string, zone?: string): string {
  return new Intl.DateTimeFormat(language, {
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    timeZoneName: "short",
    timeZone: zone,
  }).format(instant);
}

/** To the minute: what was planned has no seconds. */
export function formatPlanned(instant: Date, language: string, zone?: string): string {
  return new Intl.DateTimeFormat(language, {
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    timeZoneName: "short",
    timeZone: zone,
  }).format(instant);
}

/** "22 Nov 2026" */
export function formatDay(instant: Date, language: string): string {
  return new Intl.DateTimeFormat(language, { dateStyle: "medium" }).format(instant);
}

export function formatRelative(instant: Date, now: Date, language: string): string {
  const past = instant.getTime() - now.getTime();
  const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" });
  const size = Math.abs(past);
  if (size < MINUTE_MS) return relative.format(Math.round(past / 1_000), "second");
  if (size < HOUR_MS) return relative.format(Math.round(past / MINUTE_MS), "minute");
  if (size < DAY_MS) return relative.format(Math.round(past / HOUR_MS), "hour");
  if (size < 7 * DAY_MS) return relative.format(Math.round(past / DAY_MS), "day");
  const sameYear = instant.getFullYear() === now.getFullYear();
  return new Intl.DateTimeFormat(language, {
    day: "numeric",
    month: "short",
    year: sameYear ? undefined : "numeric",
  }).format(instant);
}

/** "4h", "2d": where minutes say nothing and take room; null below an hour. */
export function formatHours(leftMs: number, language: string): string | null {
  if (leftMs < HOUR_MS) return null;
  const inDays = leftMs >= 2 * DAY_MS;
  return new Intl.NumberFormat(language, {
    style: "unit",
    unit: inDays ? "day" : "hour",
    unitDisplay: "narrow",
    maximumFractionDigits: 0,
  }).format(Math.floor(leftMs / (inDays ? DAY_MS : HOUR_MS)));
}

/** "4:22", "1:04:22"; never negative. */
export function formatClock(leftMs: number): string {
  const seconds = Math.max(0, Math.floor(leftMs / 1_000));
  const pad = (value: number) => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3_600);
  const minutes = Math.floor((seconds % 3_600) / 60);
  if (hours > 0) return `${hours}:${pad(minutes)}:${pad(seconds % 60)}`;
  return `${minutes}:${pad(seconds % 60)}`;
}
