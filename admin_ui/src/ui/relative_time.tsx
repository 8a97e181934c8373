import { Tooltip } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { formatExact, formatRelative } from "./format";
import { useNow } from "./use_now";

const MINUTE_MS = 60_000;
const SECONDS_MATTER_FOR_MS = 2 * MINUTE_MS;

type Props = { at: string; zone?: string };

/** "2 min. ago"; the exact time with its zone on hover and focus. */
export function RelativeTime({ at, zone }: Props) {
  const { i18n } = useTranslation();
  const instant = new Date(at);
  const near = Math.abs(Date.now() - instant.getTime()) < SECONDS_MATTER_FOR_MS;
  const now = useNow(near ? 1_000 : 30_000);
  return (
    <Tooltip label={formatExact(instant, i18n.language, zone)}>
      <time dateTime={at} className="tabular nowrap">
        {formatRelative(instant, new Date(now), i18n.language)}
      </time>
    </Tooltip>
  );
}
