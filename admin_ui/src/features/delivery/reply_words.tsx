import { Button, Pill, Select, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, client } from "@/api/client";
import { present } from "@/api/present";
import type { components } from "@/api/schema";
import { useSession } from "@/api/session";
import { useIntent } from "@/api/use_intent";
import { useRefresh } from "@/api/use_pages";
import { Section } from "@/ui/page_header";
import { ErrorState } from "@/ui/states";
import classes from "./reply_words.module.css";

type Word = components["schemas"]["ReplyWordView"];
type Text = components["schemas"]["ReplyTextView"];
type Kind = "stop" | "start" | "help";

const KINDS: readonly Kind[] = ["stop", "start", "help"];
// Every answer of ours names them.
const FIXED: ReadonlySet<string> = new Set(["stop", "start"]);
const LANGUAGE = /^[a-z]{2,3}$/;

/** The words that mean something to every company, and what is answered; leads change them. */
export function ReplyWords() {
  const { t } = useTranslation("sending");
  const roles = useSession()?.staff_roles ?? [];
  const leads = roles.includes("lead") || roles.includes("admin");
  const rules = api.useQuery("get", "/v1/reply-words");
  if (rules.data === undefined) return null;
  return (
    <Section title={t("words.title")}>
      <p className={classes.text}>{t("words.text")}</p>
      {KINDS.map((kind) => (
        <Words
          key={kind}
          kind={kind}
          leads={leads}
          words={rules.data.words.filter((word) => word.kind === kind)}
        />
      ))}
      {leads && <NewWord />}
      <h3 className={classes.kind}>{t("words.answers")}</h3>
      <p className={classes.text}>{t("words.hint")}</p>
      <div className={classes.answers}>
        {rules.data.texts.map((text) => (
          <AnswerText key={`${text.language} ${text.kind}`} text={text} leads={leads} />
        ))}
      </div>
    </Section>
  );
}

function Words({ kind, leads, words }: { kind: Kind; leads: boolean; words: Word[] }) {
  const { t } = useTranslation("sending");
  const refresh = useRefresh();
  const removing = useIntent(
    async (word: string, headers) => {
      await client.DELETE("/v1/reply-words/{word}", { params: { path: { word } }, headers });
    },
    { onSuccess: () => refresh("/v1/reply-words") },
  );
  return (
    <>
      <h3 className={classes.kind}>{t(`replies.kinds.${kind}`)}</h3>
      <div className={classes.words}>
        {words.map(({ word, language }) => (
          <Pill
            key={word}
            withRemoveButton={leads && !FIXED.has(word)}
            onRemove={() => removing.mutate(word)}
            removeButtonProps={{ "aria-label": t("words.remove", { word }), "aria-hidden": false }}
          >
            {word} · {language}
          </Pill>
        ))}
      </div>
      {removing.isError && <ErrorState error={removing.error} compact />}
    </>
  );
}

function NewWord() {
  const { t } = useTranslation("sending");
  const refresh = useRefresh();
  const [word, setWord] = useState("");
  const [language, setLanguage] = useState("en");
  const [kind, setKind] = useState<Kind>("stop");
  const adding = useIntent(
    async (_: string, headers) =>
      present(await client.PUT("/v1/reply-words", { body: { word, language, kind }, headers })),
    {
      onSuccess: async () => {
        setWord("");
        await refresh("/v1/reply-words");
      },
    },
  );
  const ready = word.trim() !== "" && LANGUAGE.test(language);
  return (
    <form
      className={classes.new}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) adding.mutate(`${word} ${language} ${kind}`);
      }}
    >
      <TextInput
        label={t("words.word")}
        value={word}
        maxLength={40}
        onChange={(event) => setWord(event.currentTarget.value)}
      />
      <TextInput
        label={t("words.language")}
        value={language}
        maxLength={3}
        w={90}
        onChange={(event) => setLanguage(event.currentTarget.value)}
      />
      <Select
        label={t("words.kind")}
        value={kind}
        data={KINDS.map((value) => ({ value, label: t(`replies.kinds.${value}`) }))}
        onChange={(value) => setKind((value ?? "stop") as Kind)}
        allowDeselect={false}
        w={140}
      />
      <Button type="submit" variant="default" loading={adding.isPending} disabled={!ready}>
        {t("words.add")}
      </Button>
      {adding.isError && <ErrorState error={adding.error} compact />}
    </form>
  );
}

function AnswerText({ text, leads }: { text: Text; leads: boolean }) {
  const { t } = useTranslation("sending");
  const refresh = useRefresh();
  const [written, setWritten] = useState(text.text);
  const saving = useIntent(
    async (now: string, headers) =>
      present(
        await client.PUT("/v1/reply-texts/{language}/{answered}", {
          params: { path: { language: text.language, answered: text.kind } },
          body: { text: now },
          headers,
        }),
      ),
    { onSuccess: () => refresh("/v1/reply-words") },
  );
  return (
    <div>
      <Textarea
        label={`${t(`replies.kinds.${text.kind}`)} · ${text.language}`}
        value={written}
        readOnly={!leads}
        autosize
        maxLength={300}
        onChange={(event) => setWritten(event.currentTarget.value)}
      />
      {written !== text.text && written.trim() !== "" && (
        <Button
          mt={6}
          size="compact-sm"
          loading={saving.isPending}
          onClick={() => saving.mutate(written)}
        >
          {t("words.save")}
        </Button>
      )}
      {saving.isError && <ErrorState error={saving.error} compact />}
    </div>
  );
}
