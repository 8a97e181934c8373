import { ActionIcon, SegmentedControl } from "@mantine/core";
import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { PreviewView, SessionView } from "@/api/shapes";
import { CreditAmount } from "@/ui/credit_amount";
import { Evidence } from "@/ui/evidence";
import { formatInteger } from "@/ui/format";
import { PhonePreview, piecesOf } from "@/ui/phone_preview";
import classes from "./composer.module.css";
import { balanceQuery, type PreviewKind, previewQuery, sendersQuery } from "./queries";
import { isRenderable, wholeText } from "./steps";
import type { DraftHandle } from "./use_draft";

const SHOWN = 20;
const KINDS: readonly PreviewKind[] = ["first", "longest", "missing"];

type Props = { draft: DraftHandle; session: SessionView };

/** The message as real people will get it, and what it costs, beside every step. */
export function PreviewDock({ draft, session }: Props) {
  const { t } = useTranslation();
  const [kind, setKind] = useState<PreviewKind>("first");
  const [index, setIndex] = useState(0);
  const ready = isRenderable(draft.fields, session);
  const preview = useQuery({
    ...previewQuery(session.id, draft.version, kind, SHOWN),
    enabled: ready,
    placeholderData: (previous: PreviewView[] | undefined) => previous,
  });
  const people = ready ? (preview.data ?? []) : [];
  const at = Math.min(index, Math.max(0, people.length - 1));
  const person = people[at];
  return (
    <aside className={classes.dock} aria-label={t("composer.preview.title")}>
      <SegmentedControl
        size="xs"
        fullWidth
        aria-label={t("composer.preview.which")}
        value={kind}
        onChange={(value) => {
          setKind(value as PreviewKind);
          setIndex(0);
        }}
        data={KINDS.map((value) => ({ value, label: t(`composer.preview.${value}`) }))}
      />
      <div className={classes.dockHead}>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={t("composer.preview.previous")}
          disabled={at === 0}
          onClick={() => setIndex(at - 1)}
        >
          <IconChevronLeft size={17} />
        </ActionIcon>
        <span role="status">
          {person === undefined
            ? t(
                ready && preview.isSuccess
                  ? `composer.recipients.none_${kind}`
                  : "composer.preview.nobody",
              )
            : `${at + 1}/${people.length} ${person.name ?? person.phone}`}
        </span>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={t("composer.preview.following")}
          disabled={at >= people.length - 1}
          onClick={() => setIndex(at + 1)}
        >
          <IconChevronRight size={17} />
        </ActionIcon>
      </div>
      <Phone draft={draft} person={person} />
      <Figures session={session} person={person} />
    </aside>
  );
}

function Phone({ draft, person }: { draft: DraftHandle; person: PreviewView | undefined }) {
  const { t, i18n } = useTranslation();
  const senders = useQuery(sendersQuery);
  const sender = senders.data?.find(({ id }) => id === draft.fields.sender_id)?.sender ?? "—";
  if (person !== undefined && person.text === null) {
    const reason = `exclusion.${person.excluded_reason}`;
    return (
      <p className={classes.waiting}>
        {t("composer.preview.left_out", {
          name: person.name ?? person.phone,
          reason: i18n.exists(reason) ? i18n.t(reason as "brand") : person.excluded_reason,
        })}{" "}
        <Evidence of={person.evidence} phone={person.phone} />
      </p>
    );
  }
  const text = person?.text ?? wholeText(draft.fields);
  if (text === "") return <p className={classes.waiting}>{t("composer.preview.empty")}</p>;
  const caption =
    person === undefined
      ? t("composer.preview.as_written")
      : t("composer.preview.size", {
          count: person.segments,
          encoding: person.encoding === "gsm7" ? "GSM-7" : "UCS-2",
        });
  return <PhonePreview sender={sender} pieces={piecesOf(text)} caption={caption} />;
}

function Figures({ session, person }: { session: SessionView; person: PreviewView | undefined }) {
  const { t, i18n } = useTranslation();
  const balance = useQuery(balanceQuery);
  const { quote } = session;
  if (quote === null && person === undefined && balance.data === undefined) return null;
  return (
    <dl className={classes.figures}>
      {quote === null ? (
        person !== undefined && (
          <>
            <dt>{t("composer.figures.each")}</dt>
            <dd>
              <CreditAmount credits={person.credits} unit />
            </dd>
          </>
        )
      ) : (
        <>
          <dt>{t("composer.figures.recipients")}</dt>
          <dd className="tabular">{formatInteger(quote.recipients, i18n.language)}</dd>
          <dt>{t("composer.figures.segments")}</dt>
          <dd className="tabular">{formatInteger(quote.segments, i18n.language)}</dd>
          <dt>{t("composer.figures.cost")}</dt>
          <dd>
            <CreditAmount credits={quote.credits} unit />
          </dd>
        </>
      )}
      {balance.data !== undefined && (
        <>
          <dt>{t("composer.figures.balance")}</dt>
          <dd
            data-tone={
              quote !== null && balance.data.available < quote.ceiling_credits ? "bad" : undefined
            }
          >
            <CreditAmount credits={balance.data.available} unit />
          </dd>
        </>
      )}
    </dl>
  );
}
