import { Button, SegmentedControl, Select } from "@mantine/core";
import { IconDeviceTv, IconDownload } from "@tabler/icons-react";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useSession } from "@/api/session";
import { formatInteger, formatPercent } from "@/ui/format";
import { PageHeader } from "@/ui/page_header";
import { RelativeTime } from "@/ui/relative_time";
import { Stat, StatRow } from "@/ui/stat";
import { ErrorState, PageSkeleton } from "@/ui/states";
import { useNow } from "@/ui/use_now";
import { Coverage } from "./coverage";
import { DeskCharts } from "./desk_charts";
import { LaneTable, ModeratorTable } from "./figure_tables";
import {
  type DeskNumbers,
  duration,
  LANES,
  type LaneName,
  RANGES,
  type Range,
  standing,
  useNumbers,
} from "./numbers";
import classes from "./numbers_page.module.css";

const route = getRouteApi("/shell/moderation/moderation/numbers");

/** How the desk is doing: figures of the hours, and whether somebody was there in each. */
export function NumbersPage() {
  const { t } = useTranslation("numbers");
  const { days = "7", lane } = route.useSearch();
  const navigate = route.useNavigate();
  const { data, error, refetch } = useNumbers(days, lane);
  const leads = useSession()?.staff_roles.includes("lead") ?? false;
  return (
    <>
      <PageHeader
        title={t("title")}
        actions={
          <>
            {leads && (
              <Button
                component="a"
                variant="default"
                href={`/v1/desk-numbers.csv?days=${days}`}
                download
                leftSection={<IconDownload size={16} />}
              >
                {t("csv")}
              </Button>
            )}
            <Button
              component={Link}
              to="/moderation/wall"
              variant="default"
              leftSection={<IconDeviceTv size={16} />}
            >
              {t("wall.open")}
            </Button>
          </>
        }
      >
        <div className={classes.filters}>
          <SegmentedControl
            size="xs"
            aria-label={t("range")}
            value={days}
            data={RANGES.map((value) => ({ value, label: t(`range_${value}`) }))}
            onChange={(value) =>
              void navigate({ search: { days: value as Range, lane }, replace: true })
            }
          />
          <Select
            size="xs"
            aria-label={t("lane")}
            value={lane ?? "all"}
            allowDeselect={false}
            data={[
              { value: "all", label: t("lane_all") },
              ...LANES.map((value) => ({ value, label: t(`lane_name.${value}`) })),
            ]}
            onChange={(value) =>
              void navigate({
                search: { days, lane: value === "all" ? undefined : (value as LaneName) },
                replace: true,
              })
            }
          />
          {data?.folded_at != null && (
            <span className={classes.asOf}>
              {t("as_of")} <RelativeTime at={data.folded_at} />
            </span>
          )}
        </div>
      </PageHeader>
      {data === undefined ? (
        error ? (
          <ErrorState error={error} onRetry={() => void refetch()} />
        ) : (
          <PageSkeleton />
        )
      ) : (
        <div className={classes.stack}>
          <Figures numbers={data} />
          <DeskCharts numbers={data} range={days} />
          <Coverage hours={data.coverage} />
          <ModeratorTable rows={data.moderators} />
          <LaneTable rows={data.lanes} />
        </div>
      )}
    </>
  );
}

function Figures({ numbers }: { numbers: DeskNumbers }) {
  const { t, i18n } = useTranslation("numbers");
  const now = useNow();
  const { waiting, held, overdue, oldest } = standing(numbers);
  const { total } = numbers;
  const number = (value: number) => formatInteger(value, i18n.language);
  return (
    <StatRow label={t("title")}>
      <Stat
        label={t("waiting")}
        value={number(waiting)}
        tone={overdue > 0 ? "bad" : undefined}
        note={overdue > 0 ? t("overdue", { count: overdue }) : t("held", { count: held })}
      />
      <Stat
        label={t("oldest")}
        value={oldest === undefined ? "–" : duration((now - oldest) / 1_000)}
        note={oldest === undefined ? t("nothing_waits") : undefined}
      />
      <Stat
        label={t("decided_per_hour")}
        value={new Intl.NumberFormat(i18n.language).format(numbers.decided_per_hour)}
        note={t("hours_of_work", { count: numbers.hours_of_work })}
      />
      <Stat
        label={t("decided")}
        value={number(total.decided)}
        note={t("opened", { count: numbers.opened, amount: number(numbers.opened) })}
      />
      <Stat label={t("median")} value={duration(total.median_seconds)} />
      <Stat label={t("p95")} value={duration(total.p95_seconds)} />
      <Stat
        label={t("late_share")}
        value={total.decided === 0 ? "–" : formatPercent(total.late / total.decided, i18n.language)}
        tone={numbers.lapsed > 0 ? "bad" : undefined}
        note={t("lapsed", { count: numbers.lapsed })}
      />
      <Stat label={t("overturned")} value={number(total.overturned)} note={t("overturned_text")} />
    </StatRow>
  );
}
