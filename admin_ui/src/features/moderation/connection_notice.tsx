import { Button } from "@mantine/core";
import { IconPlugConnectedX } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { LiveState } from "@/api/live";
import classes from "./desk_page.module.css";

// A line that blinks is no news.
const PATIENCE_MS = 2_500;

type Props = { state: LiveState; onReconnect: () => void };

/** Says that the queue stands still, and that decisions are still sent. */
export function ConnectionNotice({ state, onReconnect }: Props) {
  const { t } = useTranslation("moderation");
  const [isLost, setIsLost] = useState(false);
  useEffect(() => {
    if (state !== "reconnecting") {
      setIsLost(false);
      return undefined;
    }
    const timer = setTimeout(() => setIsLost(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [state]);
  return (
    <div role="status" className={classes.connection} data-lost={isLost || undefined}>
      {isLost && (
        <>
          <IconPlugConnectedX size={18} aria-hidden />
          <span>
            <strong>{t("connection.lost")}</strong> {t("connection.text")}
          </span>
          <Button size="compact-sm" variant="default" onClick={onReconnect}>
            {t("connection.reconnect")}
          </Button>
        </>
      )}
    </div>
  );
}
