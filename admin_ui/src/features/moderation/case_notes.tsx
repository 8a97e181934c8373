import { Button, Select, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Section } from "@/ui/page_header";
import { RelativeTime } from "@/ui/relative_time";
import { ErrorState } from "@/ui/states";
import { Tag } from "@/ui/status_pill";
import classes from "./case_notes.module.css";
import { useAddNote, useGiveOpinion } from "./notes_writes";
import type { CaseKey, CaseView, NoteView, Verdict } from "./queries";
import { VERDICTS } from "./search";

const TEXT_CHARACTERS_MAX = 2_000;

type Props = { at: CaseKey; seen: CaseView };

/** What our people said to each other about this case; no company reads it. */
export function CaseNotes({ at, seen }: Props) {
  const { t } = useTranslation("moderation");
  const add = useAddNote(at);
  const [text, setText] = useState("");
  const answered = new Set(seen.notes.map(({ answers }) => answers));
  const isOpen = seen.state === "open";
  if (!isOpen && seen.notes.length === 0) return null;
  return (
    <Section title={t("notes.title")} aside={t("notes.private")}>
      <ol className={classes.notes}>
        {seen.notes.map((note) => (
          <li key={note.id}>
            <Note note={note} />
            {isOpen && note.kind === "question" && !answered.has(note.id) && (
              <Answer at={at} question={note.id} />
            )}
          </li>
        ))}
      </ol>
      {isOpen && (
        <form
          className={classes.add}
          onSubmit={(event) => {
            event.preventDefault();
            if (text.trim() === "") return;
            add.mutate(text.trim(), { onSuccess: () => setText("") });
          }}
        >
          <TextInput
            aria-label={t("notes.add")}
            placeholder={t("notes.add")}
            maxLength={TEXT_CHARACTERS_MAX}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <Button
            type="submit"
            variant="default"
            loading={add.isPending}
            disabled={text.trim() === ""}
          >
            {t("notes.save")}
          </Button>
        </form>
      )}
      {add.isError && <ErrorState compact error={add.error} />}
    </Section>
  );
}

function Note({ note }: { note: NoteView }) {
  const { t } = useTranslation("moderation");
  return (
    <>
      <p className={classes.who}>
        <strong>{note.author_name}</strong>
        {note.kind !== "note" && (
          <Tag tone={note.kind === "question" ? "accent" : "idle"}>
            {t(`notes.kind.${note.kind as "question"}`)}
          </Tag>
        )}
        {note.leaning !== null && <Tag>{t(`verdict.${note.leaning as Verdict}`)}</Tag>}
        <RelativeTime at={note.written_at} />
      </p>
      <p>{note.text}</p>
    </>
  );
}

function Answer({ at, question }: { at: CaseKey; question: string }) {
  const { t } = useTranslation("moderation");
  const give = useGiveOpinion(at);
  const [text, setText] = useState("");
  const [leaning, setLeaning] = useState<Verdict | null>(null);
  return (
    <form
      className={classes.answer}
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() !== "") give.mutate({ question_id: question, text: text.trim(), leaning });
      }}
    >
      <Textarea
        autosize
        aria-label={t("notes.opinion")}
        placeholder={t("notes.opinion")}
        maxLength={TEXT_CHARACTERS_MAX}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <div>
        <Select
          size="xs"
          aria-label={t("notes.leaning")}
          placeholder={t("notes.leaning")}
          clearable
          value={leaning}
          data={VERDICTS.map((value) => ({ value, label: t(`verdict.${value}`) }))}
          onChange={(value) => setLeaning(value as Verdict | null)}
        />
        <Button
          type="submit"
          size="xs"
          variant="default"
          loading={give.isPending}
          disabled={text.trim() === ""}
        >
          {t("notes.answer")}
        </Button>
      </div>
      {give.isError && <ErrorState compact error={give.error} />}
    </form>
  );
}
