import { Button } from "@mantine/core";
import { IconCircleCheck, IconTrash, IconUsers } from "@tabler/icons-react";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import type { ImportView } from "@/api/imports";
import { useRefresh } from "@/api/use_pages";
import { formatInteger } from "@/ui/format";
import { PageHeader, Section } from "@/ui/page_header";
import { RelativeTime } from "@/ui/relative_time";
import { Stat, StatRow } from "@/ui/stat";
import { EmptyState, ErrorState, PageSkeleton } from "@/ui/states";
import { GROUPS, SUBSCRIBERS } from "./audience";
import classes from "./audience.module.css";
import { ImportCheck } from "./import_check";
import { ImportFindings } from "./import_report";
import { ImportStatePill, ImportSteps, isMoving, stepOf } from "./import_state";
import importClasses from "./imports.module.css";

const route = getRouteApi("/shell/imports/$importId");
const POLL_INTERVAL_MS = 1_000;

/** A job with an address of its own: it may be left, and found again where it stands. */
export function ImportPage() {
  const { importId } = route.useParams();
  const { data, error, refetch } = api.useQuery(
    "get",
    "/v1/imports/{import_id}",
    { params: { path: { import_id: importId } } },
    {
      refetchInterval: ({ state }) =>
        state.data !== undefined && isMoving(state.data.state) ? POLL_INTERVAL_MS : false,
    },
  );
  if (data !== undefined) return <Job job={data} />;
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  return <PageSkeleton />;
}

function Job({ job }: { job: ImportView }) {
  const { t } = useTranslation();
  return (
    <>
      <PageHeader
        title={job.file_name}
        state={<ImportStatePill state={job.state} />}
        trail={[
          <Link key="imports" to="/imports">
            {t("imports.title")}
          </Link>,
          job.file_name,
        ]}
      >
        {job.state !== "discarded" && <ImportSteps at={stepOf(job.state)} />}
      </PageHeader>
      <Face job={job} />
    </>
  );
}

function Face({ job }: { job: ImportView }) {
  const { t } = useTranslation();
  switch (job.state) {
    case "uploaded":
    case "parsing":
    case "accepting":
      return <Waiting job={job} />;
    case "accepted":
      return <Accepted job={job} />;
    case "discarded":
      return (
        <EmptyState
          icon={IconTrash}
          title={t("imports.discarded")}
          action={
            <Button component={Link} to="/imports/new">
              {t("imports.new")}
            </Button>
          }
        >
          {t("imports.discarded_text")}
        </EmptyState>
      );
    default:
      // A new reading begins with the options it was read with.
      return <ImportCheck key={job.changed_at} job={job} />;
  }
}

function Waiting({ job }: { job: ImportView }) {
  const { t, i18n } = useTranslation();
  const count = formatInteger(
    job.state === "accepting" ? job.rows_ready : job.rows_read,
    i18n.language,
  );
  return (
    <Section>
      <div className={importClasses.waiting} role="status">
        <strong>{t(`imports.waiting_${job.state === "accepting" ? "import" : "read"}`)}</strong>
        <div className={importClasses.bar} aria-hidden>
          <span />
        </div>
        <p>
          {job.state === "accepting"
            ? t("imports.rows_importing", { count: job.rows_ready, amount: count })
            : t("imports.rows_so_far", { count: job.rows_read, amount: count })}{" "}
          {t("imports.may_leave")}
        </p>
        <p>
          {t("imports.uploaded")} <RelativeTime at={job.created_at} />
        </p>
      </div>
    </Section>
  );
}

function Accepted({ job }: { job: ImportView }) {
  const { t, i18n } = useTranslation();
  const refresh = useRefresh();
  // The lists were read before these people came.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once per finished job
  useEffect(() => void refresh(SUBSCRIBERS, GROUPS), [job.id]);
  const amount = (value: number | null) => formatInteger(value ?? 0, i18n.language);
  const { group_id } = job.options;
  return (
    <div className={classes.stack}>
      <StatRow label={t("imports.result")}>
        <Stat label={t("imports.subscribers_new")} value={amount(job.subscribers_new)} tone="ok" />
        <Stat label={t("imports.subscribers_updated")} value={amount(job.subscribers_updated)} />
        <Stat label={t("imports.duplicates")} value={amount(job.duplicates)} />
        <Stat
          label={t("imports.refused")}
          value={amount(job.rows_refused)}
          note={job.rows_refused > 0 ? t("imports.refused_note") : undefined}
          tone={job.rows_refused > 0 ? "bad" : undefined}
        />
      </StatRow>
      <Section>
        <EmptyState
          icon={IconCircleCheck}
          title={t("imports.done")}
          action={
            <Button
              renderRoot={(props) => (
                <Link {...props} to="/subscribers" search={{ group: group_id ?? undefined }} />
              )}
              leftSection={<IconUsers size={16} aria-hidden />}
            >
              {t("imports.see_them")}
            </Button>
          }
        >
          {t("imports.done_text")}
        </EmptyState>
      </Section>
      <ImportFindings job={job} />
    </div>
  );
}
