import { Button, Group } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { asProblem } from "@/api/problem";
import { scheduleQuery } from "@/api/schedules";
import type { ScheduleTime, SessionView } from "@/api/shapes";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/states";
import { Dates, DstChoices, firstTime, TimeFields } from "@/ui/time_fields";
import { useReschedule } from "./schedule_writes";
import classes from "./session_page.module.css";

const ASK_AFTER_MS = 300;

type Props = { session: SessionView; onClose: () => void };

export function RescheduleDialog({ session, onClose }: Props) {
  const { t } = useTranslation("schedule");
  const { t: app } = useTranslation();
  const [time, setTime] = useState<ScheduleTime>(() => ({
    ...(session.state === "scheduled" && session.due_local !== null && session.due_zone !== null
      ? { local: session.due_local, zone: session.due_zone }
      : { ...firstTime(), ...(session.due_zone === null ? {} : { zone: session.due_zone }) }),
    max_lateness_minutes: session.max_lateness_minutes,
    dst: null,
  }));
  const [settled] = useDebouncedValue(time, ASK_AFTER_MS);
  const preview = useQuery(scheduleQuery(settled.local === "" ? null : settled));
  const problem = preview.isError ? asProblem(preview.error) : null;
  const ready = settled === time && preview.isSuccess && !preview.isPlaceholderData;
  const move = useReschedule(session, () => {
    notifications.show({ message: t("moved") });
    onClose();
  });
  return (
    <Dialog title={t("move_title")} onClose={onClose} size="lg">
      <p className={classes.quiet}>{t(session.state === "missed" ? "again_text" : "move_text")}</p>
      <TimeFields
        value={time}
        problem={problem}
        onChange={(value) => setTime({ ...time, ...value, dst: null })}
      />
      <DstChoices
        problem={problem}
        zone={time.zone}
        onChoose={(dst) => setTime({ ...time, dst })}
      />
      {problem === null && preview.data !== undefined && (
        <Dates dates={preview.data.occurrences.slice(0, 1)} zone={preview.data.zone} />
      )}
      {move.isError && <ErrorState compact error={move.error} />}
      <Group justify="flex-end" mt="lg" gap="xs">
        <Button variant="default" onClick={onClose} disabled={move.isPending}>
          {app("confirm.cancel")}
        </Button>
        <Button disabled={!ready} loading={move.isPending} onClick={() => move.mutate(time)}>
          {t("move")}
        </Button>
      </Group>
    </Dialog>
  );
}
