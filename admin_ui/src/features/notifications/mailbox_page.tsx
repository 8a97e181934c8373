import { Button } from "@mantine/core";
import { IconMail, IconRefresh } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { PageHeader, Section } from "@/ui/page_header";
import { RelativeTime } from "@/ui/relative_time";
import { EmptyState, ErrorState, PageSkeleton } from "@/ui/states";
import { linkedParts } from "./linked_parts";
import classes from "./notices.module.css";

type Mail = components["schemas"]["MailboxView"];

const LOOK_AGAIN_MS = 5_000;

/** What a demo mails, for whoever tries it: confirming, resetting and inviting work to the end. */
export function MailboxPage() {
  const { t } = useTranslation("notices");
  const [chosen, setChosen] = useState<string | null>(null);
  const { data, error, refetch, isFetching } = api.useQuery(
    "get",
    "/v1/demo/mailbox",
    {},
    { refetchInterval: LOOK_AGAIN_MS },
  );
  const mails = data?.items;
  const open = mails?.find(({ id }) => id === chosen) ?? mails?.[0];
  return (
    <main id="main" tabIndex={-1} className={classes.mailbox}>
      <PageHeader
        title={t("mailbox.title")}
        actions={
          <>
            <Button
              variant="default"
              leftSection={<IconRefresh size={16} aria-hidden />}
              loading={isFetching && mails === undefined}
              onClick={() => void refetch()}
            >
              {t("mailbox.refresh")}
            </Button>
            <Button component={Link} to="/">
              {t("mailbox.back")}
            </Button>
          </>
        }
      >
        <p className={classes.hint}>{t("mailbox.hint")}</p>
      </PageHeader>
      {error !== null && <ErrorState error={error} onRetry={() => void refetch()} />}
      {mails === undefined && error === null && <PageSkeleton />}
      {mails?.length === 0 && (
        <EmptyState icon={IconMail} title={t("mailbox.none")}>
          {t("mailbox.none_text")}
        </EmptyState>
      )}
      {open !== undefined && (
        <div className={classes.mails}>
          <nav aria-label={t("mailbox.list")}>
            <ul className={classes.lines}>
              {mails?.map((mail) => (
                <li key={mail.id}>
                  <button
                    type="button"
                    className={classes.mailItem}
                    aria-current={mail.id === open.id || undefined}
                    onClick={() => setChosen(mail.id)}
                  >
                    <strong>{mail.subject}</strong>
                    <span>
                      {mail.recipient} · <RelativeTime at={mail.received_at} />
                    </span>
                  </button>
                </li>
              ))}
            </ul>
          </nav>
          <Letter mail={open} />
        </div>
      )}
    </main>
  );
}

function Letter({ mail }: { mail: Mail }) {
  const { t } = useTranslation("notices");
  return (
    <Section title={mail.subject} label={mail.subject}>
      <p className={classes.hint}>
        {t("mailbox.from")} {mail.sender}
        <br />
        {t("mailbox.to")} {mail.recipient}
      </p>
      <pre className={classes.mailText}>
        {linkedParts(mail.text_body).map((part) =>
          part.isLink ? (
            // A mail is opened anew, as by a mail program: the page reads its secret once.
            <a key={part.at} href={part.text}>
              {part.text}
            </a>
          ) : (
            <span key={part.at}>{part.text}</span>
          ),
        )}
      </pre>
    </Section>
  );
}
