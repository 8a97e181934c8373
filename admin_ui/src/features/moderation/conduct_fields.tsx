import { ActionIcon, Select, Textarea, TextInput } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import classes from "./lead_pages.module.css";
import type { Clause, ReasonCode } from "./queries";

const WORDS_CHARACTERS_MAX = 1_000;
const CODE_CHARACTERS_MAX = 80;
const ENGLISH = "en";

type Words = Record<string, string>;

/** The words in the chosen language; what is not translated shows its English as an example. */
function translated(
  of: { translations?: Record<string, Words> | undefined } & object,
  language: string,
  name: string,
): { value: string; example: string } {
  const english = String((of as Record<string, unknown>)[name] ?? "");
  if (language === ENGLISH) return { value: english, example: "" };
  return { value: of.translations?.[language]?.[name] ?? "", example: english };
}

/** A translation is whole or absent: the other words of it begin as they are in English. */
function put<Entry extends { translations?: Record<string, object> }>(
  of: Entry,
  language: string,
  names: readonly (keyof Entry & string)[],
  name: string,
  text: string,
): Entry {
  if (language === ENGLISH) return { ...of, [name]: text };
  const before = (of.translations?.[language] ?? {}) as Words;
  const words = Object.fromEntries(names.map((each) => [each, before[each] ?? String(of[each])]));
  return {
    ...of,
    translations: { ...of.translations, [language]: { ...words, [name]: text } },
  };
}

type ClauseProps = {
  clause: Clause;
  language: string;
  disabled: boolean;
  onChange: (clause: Clause) => void;
  onRemove: () => void;
};

export function ClauseFields({ clause, language, disabled, onChange, onRemove }: ClauseProps) {
  const { t } = useTranslation("lead");
  const title = translated(clause, language, "title");
  const text = translated(clause, language, "text");
  const change = (name: "title" | "text", words: string) =>
    onChange(put(clause, language, ["title", "text"], name, words));
  return (
    <Card
      name={`${clause.id} ${clause.title}`}
      disabled={disabled}
      fixed={language !== ENGLISH}
      onRemove={onRemove}
    >
      <TextInput
        label={t("conduct.id")}
        maxLength={CODE_CHARACTERS_MAX}
        disabled={language !== ENGLISH}
        value={clause.id}
        onChange={(event) => onChange({ ...clause, id: event.currentTarget.value })}
      />
      <TextInput
        label={t("conduct.heading")}
        placeholder={title.example}
        maxLength={WORDS_CHARACTERS_MAX}
        value={title.value}
        onChange={(event) => change("title", event.currentTarget.value)}
      />
      <Textarea
        className={classes.wide}
        autosize
        label={t("conduct.text")}
        placeholder={text.example}
        maxLength={WORDS_CHARACTERS_MAX}
        value={text.value}
        onChange={(event) => change("text", event.currentTarget.value)}
      />
    </Card>
  );
}

type ReasonProps = {
  reason: ReasonCode;
  clauses: readonly Clause[];
  language: string;
  disabled: boolean;
  onChange: (reason: ReasonCode) => void;
  onRemove: () => void;
};

const REASON_WORDS = ["tenant_text", "suggested_fix"] as const;

export function ReasonFields(props: ReasonProps) {
  const { reason, clauses, language, disabled, onChange, onRemove } = props;
  const { t } = useTranslation("lead");
  const fixed = language !== ENGLISH;
  return (
    <Card name={reason.title} disabled={disabled} fixed={fixed} onRemove={onRemove}>
      <TextInput
        label={t("conduct.code")}
        maxLength={CODE_CHARACTERS_MAX}
        disabled={fixed}
        value={reason.code}
        onChange={(event) => onChange({ ...reason, code: event.currentTarget.value })}
      />
      <TextInput
        label={t("conduct.on_the_button")}
        maxLength={WORDS_CHARACTERS_MAX}
        disabled={fixed}
        value={reason.title}
        onChange={(event) => onChange({ ...reason, title: event.currentTarget.value })}
      />
      <Select
        label={t("conduct.clause")}
        allowDeselect={false}
        disabled={fixed}
        value={reason.clause}
        data={clauses
          .filter(({ id }) => id !== "")
          .map(({ id, title }) => ({ value: id, label: `${id} ${title}` }))}
        onChange={(value) => value !== null && onChange({ ...reason, clause: value })}
      />
      {REASON_WORDS.map((name) => {
        const words = translated(reason, language, name);
        return (
          <Textarea
            key={name}
            className={classes.wide}
            autosize
            label={t(`conduct.${name}`)}
            placeholder={words.example}
            maxLength={WORDS_CHARACTERS_MAX}
            value={words.value}
            onChange={(event) =>
              onChange(put(reason, language, REASON_WORDS, name, event.currentTarget.value))
            }
          />
        );
      })}
    </Card>
  );
}

type CardProps = {
  name: string;
  disabled: boolean;
  fixed: boolean;
  onRemove: () => void;
  children: React.ReactNode;
};

function Card({ name, disabled, fixed, onRemove, children }: CardProps) {
  const { t } = useTranslation("lead");
  return (
    <fieldset disabled={disabled} style={{ margin: 0, padding: 0, border: 0, minWidth: 0 }}>
      <div className={classes.cardHead}>
        <strong>{name.trim() || "–"}</strong>
        {!disabled && !fixed && (
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t("remove", { name })}
            onClick={onRemove}
          >
            <IconTrash size={16} />
          </ActionIcon>
        )}
      </div>
      <div className={classes.fields}>{children}</div>
    </fieldset>
  );
}
