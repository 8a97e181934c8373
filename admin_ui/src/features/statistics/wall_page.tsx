import { ActionIcon } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useShortcuts } from "@/ui/shortcuts";
import { ErrorState, PageSkeleton } from "@/ui/states";
import { useNow } from "@/ui/use_now";
import { Coverage } from "./coverage";
import { duration, LANES, standing, useNumbers } from "./numbers";
import classes from "./wall_page.module.css";

/** For a screen on the wall: read across the room, nothing to click but the way out. */
export function WallPage() {
  const { t, i18n } = useTranslation("numbers");
  const navigate = useNavigate();
  const now = useNow();
  const { data, error, refetch } = useNumbers("1", undefined);
  const leave = () => void navigate({ to: "/moderation/numbers" });
  useShortcuts([{ keys: "escape", label: t("wall.leave"), run: leave }]);
  if (data === undefined) {
    return error ? <ErrorState error={error} onRetry={() => void refetch()} /> : <PageSkeleton />;
  }
  const { waiting, held, overdue, oldest } = standing(data);
  const running = data.hours.at(-1);
  const lanes = new Map(data.lanes_now.map((lane) => [lane.lane, lane]));
  return (
    <main className={classes.wall}>
      <header>
        <h1>{t("wall.title")}</h1>
        <time>
          {new Intl.DateTimeFormat(i18n.language, {
            hour: "2-digit",
            minute: "2-digit",
            hourCycle: "h23",
          }).format(now)}
        </time>
        <ActionIcon variant="subtle" color="gray" aria-label={t("wall.leave")} onClick={leave}>
          <IconX size={18} />
        </ActionIcon>
      </header>
      <dl className={classes.figures}>
        <div data-tone={overdue > 0 ? "bad" : undefined}>
          <dt>{t("waiting")}</dt>
          <dd>{waiting}</dd>
          <dd>{overdue > 0 ? t("overdue", { count: overdue }) : t("held", { count: held })}</dd>
        </div>
        <div>
          <dt>{t("oldest")}</dt>
          <dd>{oldest === undefined ? "–" : duration((now - oldest) / 1_000)}</dd>
          <dd>{oldest === undefined && t("nothing_waits")}</dd>
        </div>
        <div>
          <dt>{t("this_hour")}</dt>
          <dd>{running?.figures.decided ?? 0}</dd>
          <dd>
            {t("people")}: {running?.moderators ?? 0}
          </dd>
        </div>
        <div>
          <dt>{t("median")}</dt>
          <dd>{duration(data.total.median_seconds)}</dd>
          <dd>
            {t("p95")} {duration(data.total.p95_seconds)}, {t("today")}
          </dd>
        </div>
      </dl>
      <ul className={classes.lanes}>
        {LANES.map((name) => (
          <li key={name}>
            <span>{t(`lane_name.${name}`)}</span>
            <strong>{lanes.get(name)?.waiting ?? 0}</strong>
          </li>
        ))}
      </ul>
      <Coverage hours={data.coverage} />
    </main>
  );
}
