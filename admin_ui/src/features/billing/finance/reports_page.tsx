import { Button, SegmentedControl } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { getRouteApi } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { PageHeader } from "@/ui/page_header";
import { ErrorState, PageSkeleton } from "@/ui/states";
import { TabBar } from "@/ui/tab_bar";
import classes from "./finance.module.css";
import { ReportCharts } from "./report_charts";
import { ReportRows } from "./report_rows";
import { periodOf, type ReportName, useReport } from "./reports";
import { RANGES, REPORTS } from "./tabs";

const route = getRouteApi("/shell/finance/reports");

/** Figures per day and tenant: as charts here, whole as files. */
export function ReportsPage() {
  const { t } = useTranslation("finance");
  const { report = "sales", days = "30" } = route.useSearch();
  const navigate = route.useNavigate();
  const period = periodOf(report, Number(days));
  const { data, error, refetch } = useReport(report, period);
  return (
    <>
      <PageHeader
        title={t("report.title")}
        actions={
          <>
            <SegmentedControl
              size="xs"
              aria-label={t("report.period")}
              value={days}
              onChange={(chosen) =>
                void navigate({ search: { report, days: chosen }, replace: true })
              }
              data={RANGES.map((value) => ({
                value,
                label: t("report.days", { count: Number(value) }),
              }))}
            />
            <Files report={report} {...period} />
          </>
        }
      />
      <TabBar
        tabs={REPORTS}
        value={report}
        label={(each) => t(`report.${each}`)}
        onChange={(chosen) => void navigate({ search: { report: chosen, days }, replace: true })}
      >
        <div className={classes.stack}>
          {data === undefined && error === null && <PageSkeleton />}
          {data === undefined && error !== null && (
            <ErrorState error={error} onRetry={() => void refetch()} />
          )}
          {data !== undefined && data.name === report && (
            <>
              <ReportCharts report={data} />
              <ReportRows key={data.name} report={data} />
            </>
          )}
        </div>
      </TabBar>
    </>
  );
}

type FilesProps = { report: ReportName; first: string; last: string };

function Files({ report, first, last }: FilesProps) {
  const { t } = useTranslation("finance");
  const link = (name: ReportName, form: "csv" | "xlsx") =>
    `/v1/finance/report.${form}?report=${name}&first=${first}&last=${last}`;
  const icon = <IconDownload size={15} aria-hidden />;
  return (
    <>
      {(["csv", "xlsx"] as const).map((form) => (
        <Button
          key={form}
          component="a"
          href={link(report, form)}
          download
          variant="default"
          leftSection={icon}
        >
          {form.toUpperCase()}
        </Button>
      ))}
      <Button
        component="a"
        href={link("journal", "xlsx")}
        download
        variant="default"
        leftSection={icon}
      >
        {t("report.journal")}
      </Button>
    </>
  );
}
