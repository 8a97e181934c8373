import { Button } from "@mantine/core";
import { IconMessageQuestion, IconScale } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, client } from "@/api/client";
import { present } from "@/api/present";
import type { components } from "@/api/schema";
import { useSession } from "@/api/session";
import { useIntent } from "@/api/use_intent";
import { useRefresh } from "@/api/use_pages";
import { PageHeader, Section } from "@/ui/page_header";
import { ReasonDialog } from "@/ui/reason_dialog";
import { RelativeTime } from "@/ui/relative_time";
import { EmptyState, ErrorState, PageSkeleton } from "@/ui/states";
import { StatusPill } from "@/ui/status_pill";
import classes from "./lead_pages.module.css";

type Proposal = components["schemas"]["ProposalView"];

const QUESTIONS = "/v1/case-questions";
const PROPOSALS = "/v1/suspension-proposals";
const REFRESH_MS = 30_000;

/** What waits for a word beside the queue: questions of colleagues, proposed suspensions. */
export function MattersPage() {
  const { t } = useTranslation("matters");
  const leads = useSession()?.staff_roles.includes("lead") ?? false;
  return (
    <>
      <PageHeader title={t("title")} />
      <div className={classes.stack}>
        <Questions />
        {leads && <Proposals />}
      </div>
    </>
  );
}

function Questions() {
  const { t } = useTranslation("matters");
  const { data, error, refetch } = api.useQuery("get", QUESTIONS, undefined, {
    refetchInterval: REFRESH_MS,
  });
  return (
    <Section title={t("questions.title")}>
      {error !== null && <ErrorState error={error} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <PageSkeleton />}
      {data?.length === 0 && (
        <EmptyState icon={IconMessageQuestion} title={t("questions.none")}>
          {t("questions.none_text")}
        </EmptyState>
      )}
      {data !== undefined && data.length > 0 && (
        <ul className={classes.cards} aria-label={t("questions.title")}>
          {data.map((one) => (
            <li key={one.note.id}>
              <div className={classes.cardHead}>
                <strong>
                  {one.title} · {one.tenant_name}
                </strong>
                <Button
                  size="compact-md"
                  variant="default"
                  renderRoot={(props) => (
                    <Link
                      {...props}
                      to="/moderation"
                      search={{ view: "open", tenant: one.tenant_id, case: one.case_id }}
                    />
                  )}
                >
                  {t("questions.open")}
                </Button>
              </div>
              <p className={classes.quote}>{one.note.text}</p>
              <small>
                {one.note.author_name}, <RelativeTime at={one.note.written_at} />
              </small>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function Proposals() {
  const { t } = useTranslation("matters");
  const [ruling, setRuling] = useState<{ on: Proposal; suspend: boolean } | null>(null);
  const { data, error, refetch } = api.useQuery("get", PROPOSALS, undefined, {
    refetchInterval: REFRESH_MS,
  });
  return (
    <Section title={t("proposals.title")}>
      <p className={classes.hint}>{t("proposals.text")}</p>
      {error !== null && <ErrorState error={error} onRetry={() => void refetch()} />}
      {data?.length === 0 && <EmptyState icon={IconScale} title={t("proposals.none")} />}
      {data !== undefined && data.length > 0 && (
        <ul className={classes.cards} aria-label={t("proposals.title")}>
          {data.map((one) => (
            <li key={one.id}>
              <div className={classes.cardHead}>
                <strong>
                  <Link to="/tenants/$tenantId" params={{ tenantId: one.tenant_id }}>
                    {one.tenant_name}
                  </Link>
                </strong>
                <StatusPill tone="bad">{t("proposals.weight", { weight: one.weight })}</StatusPill>
                <small>
                  <RelativeTime at={one.made_at} />
                </small>
              </div>
              <p className={classes.quote}>{one.reason}</p>
              <div className={classes.verbs}>
                <Button variant="default" onClick={() => setRuling({ on: one, suspend: false })}>
                  {t("proposals.dismiss")}
                </Button>
                <Button data-tone="bad" onClick={() => setRuling({ on: one, suspend: true })}>
                  {t("proposals.suspend")}
                </Button>
              </div>
            </li>
          ))}
        </ul>
      )}
      {ruling !== null && <Rule {...ruling} onClose={() => setRuling(null)} />}
    </Section>
  );
}

type RuleProps = { on: Proposal; suspend: boolean; onClose: () => void };

function Rule({ on, suspend, onClose }: RuleProps) {
  const { t } = useTranslation("matters");
  const refresh = useRefresh();
  const rule = useIntent(
    async (reason: string, headers) =>
      present(
        await client.POST("/v1/tenants/{tenant_id}/suspension-proposals/{proposal_id}/decision", {
          params: { path: { tenant_id: on.tenant_id, proposal_id: on.id } },
          body: { suspend, reason },
          headers,
        }),
      ),
    {
      onSuccess: async () => {
        await refresh(PROPOSALS, "/v1/tenants");
        onClose();
      },
    },
  );
  const word = suspend ? "suspend" : "dismiss";
  return (
    <ReasonDialog
      title={t(`proposals.${word}_title`, { tenant: on.tenant_name })}
      text={t(`proposals.${word}_text`)}
      label={t("why")}
      confirm={t(`proposals.${word}`)}
      danger={suspend}
      pending={rule.isPending}
      error={rule.error}
      onClose={onClose}
      onConfirm={(reason) => rule.mutate(reason)}
    />
  );
}
