import { Button, Collapse, Select, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "@/api/session";
import type { SessionView } from "@/api/shapes";
import { Callout } from "@/ui/callout";
import { type Mark, MarkedTextarea } from "@/ui/marked_text";
import { Section } from "@/ui/page_header";
import { SegmentCounter } from "@/ui/segment_counter";
import { countSegments, toGsm7 } from "@/ui/segments";
import { FieldMenu } from "./field_menu";
import { Findings } from "./findings";
import { commentMarks, problemMarks } from "./marks";
import classes from "./message_step.module.css";
import { sendersQuery } from "./queries";
import { wholeText } from "./steps";
import { TemplateChoice } from "./template_choice";
import type { DraftHandle } from "./use_draft";

const BODY_CHARACTERS_MAX = 1_600;

type Props = { draft: DraftHandle; session: SessionView };

export function MessageStep({ draft, session }: Props) {
  const { t } = useTranslation();
  const tenant = useSession()?.tenant;
  const refused = session.draft_problems.find(({ code }) => code === "template_only");
  const isTemplateOnly = refused !== undefined || tenant?.status === "trial";
  const isLocked = isTemplateOnly && tenant?.status === "trial";
  return (
    <>
      {isTemplateOnly && (
        <Callout tone="info" title={t("composer.template_only.title")}>
          {t("composer.template_only.text")} {refused !== undefined && <em>{refused.message}</em>}
        </Callout>
      )}
      <Section>
        <div className={classes.choices}>
          <SenderChoice draft={draft} />
          <TemplateChoice draft={draft} approvedOnly={isTemplateOnly} />
        </div>
        <MessageFields draft={draft} session={session} locked={isLocked} />
      </Section>
      <Findings draft={draft} session={session} />
    </>
  );
}

function SenderChoice({ draft }: { draft: DraftHandle }) {
  const { t } = useTranslation();
  const senders = useQuery(sendersQuery);
  const usable = (senders.data ?? []).filter(({ state }) => state === "approved");
  return (
    <Select
      label={t("composer.sender")}
      placeholder={t("composer.sender_pick")}
      data={usable.map(({ id, sender }) => ({ value: id, label: sender }))}
      value={draft.fields.sender_id}
      onChange={(sender_id) => draft.change({ sender_id })}
      disabled={senders.isSuccess && usable.length === 0}
      description={
        senders.isSuccess && usable.length === 0 ? (
          <Link to="/senders">{t("composer.sender_none")}</Link>
        ) : undefined
      }
      inputWrapperOrder={["label", "input", "description"]}
    />
  );
}

type FieldsProps = Props & { locked: boolean };

function MessageFields({ draft, session, locked }: FieldsProps) {
  const { t } = useTranslation();
  const { fields } = draft;
  const field = useRef<HTMLTextAreaElement>(null);
  const [framed, setFramed] = useState(fields.header !== "" || fields.footer !== "");
  const marks = useMemo<Mark[]>(
    () => [
      ...commentMarks(fields.body, "body", session),
      ...problemMarks(fields.body, session),
      ...countSegments(fields.body).offenders.map(({ character, at, replacement }) => ({
        from: at,
        to: at + character.length,
        tone: "warn" as const,
        title: replacement ?? undefined,
      })),
    ],
    [fields.body, session],
  );

  function insert(text: string) {
    const at = field.current?.selectionStart ?? fields.body.length;
    const to = field.current?.selectionEnd ?? at;
    draft.change({ body: fields.body.slice(0, at) + text + fields.body.slice(to) });
    requestAnimationFrame(() => {
      field.current?.focus();
      field.current?.setSelectionRange(at + text.length, at + text.length);
    });
  }

  return (
    <>
      <Collapse expanded={framed}>
        <Textarea
          mb="sm"
          label={t("composer.header")}
          description={t("composer.header_hint")}
          autosize
          readOnly={locked}
          value={fields.header}
          onChange={(event) => draft.change({ header: event.currentTarget.value })}
        />
      </Collapse>
      <MarkedTextarea
        label={t("composer.body")}
        placeholder={t("composer.body_example")}
        inputRef={field}
        minRows={5}
        maxLength={BODY_CHARACTERS_MAX}
        readOnly={locked}
        value={fields.body}
        marks={marks}
        onChange={(event) => draft.change({ body: event.currentTarget.value })}
      />
      <div className={classes.tools}>
        <FieldMenu disabled={locked} onInsert={insert} />
        {!framed && (
          <Button
            variant="subtle"
            size="compact-md"
            disabled={locked}
            onClick={() => setFramed(true)}
          >
            {t("composer.add_frame")}
          </Button>
        )}
      </div>
      <Collapse expanded={framed}>
        <Textarea
          mb="sm"
          label={t("composer.footer")}
          description={t("composer.footer_hint")}
          autosize
          readOnly={locked}
          value={fields.footer}
          onChange={(event) => draft.change({ footer: event.currentTarget.value })}
        />
      </Collapse>
      <SegmentCounter
        text={wholeText(fields)}
        about={/[[{]/.test(wholeText(fields))}
        onReplace={
          locked
            ? undefined
            : () =>
                draft.change({
                  header: toGsm7(fields.header),
                  body: toGsm7(fields.body),
                  footer: toGsm7(fields.footer),
                })
        }
      />
    </>
  );
}
