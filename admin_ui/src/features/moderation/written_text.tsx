import { Button, CloseButton, TextInput } from "@mantine/core";
import { IconMessagePlus } from "@tabler/icons-react";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { MarkedText } from "@/ui/marked_text";
import { Section } from "@/ui/page_header";
import { codePointIndex, utf16Index } from "@/ui/spans";
import classes from "./case_pane.module.css";
import { changeDecisionDraft, type DraftComment, useDecisionDraft } from "./decision_draft";
import type { CaseView } from "./queries";

const PARTS = ["header", "body", "footer"] as const;
const COMMENT_CHARACTERS_MAX = 500;

type Chosen = Omit<DraftComment, "comment">;

/** Where the selection stands in the part, in UTF-16 units of its whole text. */
function selectionIn(root: HTMLElement): { from: number; to: number } | null {
  const selection = window.getSelection();
  if (selection === null || selection.isCollapsed || selection.rangeCount === 0) return null;
  const range = selection.getRangeAt(0);
  if (!root.contains(range.startContainer) || !root.contains(range.endContainer)) return null;
  const before = document.createRange();
  before.selectNodeContents(root);
  before.setEnd(range.startContainer, range.startOffset);
  const from = before.toString().length;
  return { from, to: from + range.toString().length };
}

/** The text as it was written; marked with the mouse, a passage takes a comment for its author. */
export function WrittenText({ seen }: { seen: CaseView }) {
  const { t } = useTranslation();
  const draft = useDecisionDraft(seen.id);
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [words, setWords] = useState("");

  function add() {
    if (chosen === null || words.trim() === "") return;
    changeDecisionDraft(seen.id, {
      comments: [...draft.comments, { ...chosen, comment: words.trim() }],
    });
    setChosen(null);
    setWords("");
  }

  return (
    <Section
      title={t("desk_page.written")}
      aside={seen.state === "open" ? t("desk_page.written_hint") : undefined}
    >
      {PARTS.filter((part) => seen.content[part] !== "").map((part) => (
        <Part
          key={part}
          part={part}
          text={seen.content[part]}
          comments={draft.comments}
          chosen={chosen}
          onChoose={seen.state === "open" ? setChosen : () => undefined}
        />
      ))}
      {chosen !== null && (
        <form
          className={classes.commenting}
          onSubmit={(event) => {
            event.preventDefault();
            add();
          }}
        >
          <TextInput
            autoFocus
            aria-label={t("desk_page.comment_on", { text: chosen.text })}
            placeholder={t("desk_page.comment_on", { text: chosen.text })}
            maxLength={COMMENT_CHARACTERS_MAX}
            value={words}
            onChange={(event) => setWords(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === "Escape") setChosen(null);
            }}
          />
          <Button type="submit" variant="default" leftSection={<IconMessagePlus size={16} />}>
            {t("desk_page.comment")}
          </Button>
        </form>
      )}
      {draft.comments.length > 0 && (
        <ul className={classes.comments}>
          {draft.comments.map((comment) => (
            <li key={`${comment.part} ${comment.start} ${comment.comment}`}>
              <q>{comment.text}</q> {comment.comment}
              <CloseButton
                size="xs"
                aria-label={t("desk_page.comment_remove")}
                onClick={() =>
                  changeDecisionDraft(seen.id, {
                    comments: draft.comments.filter((each) => each !== comment),
                  })
                }
              />
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

type PartProps = {
  part: (typeof PARTS)[number];
  text: string;
  comments: readonly DraftComment[];
  chosen: Chosen | null;
  onChoose: (chosen: Chosen) => void;
};

function Part({ part, text, comments, chosen, onChoose }: PartProps) {
  const { t } = useTranslation();
  const root = useRef<HTMLDivElement>(null);
  const marks = [...comments, ...(chosen === null ? [] : [{ ...chosen, comment: "" }])]
    .filter((comment) => comment.part === part)
    .map(({ start, end, comment }) => ({
      from: utf16Index(text, start),
      to: utf16Index(text, end),
      tone: "accent" as const,
      title: comment,
    }));

  function choose() {
    if (root.current === null) return;
    const found = selectionIn(root.current);
    if (found === null) return;
    onChoose({
      part,
      start: codePointIndex(text, found.from),
      end: codePointIndex(text, found.to),
      text: text.slice(found.from, found.to),
    });
  }

  return (
    <div className={classes.part}>
      {part !== "body" && <h3>{t(`composer.${part}`)}</h3>}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: selecting text is the browser's own; keyboard users comment on the whole part below */}
      <div ref={root} onMouseUp={choose} onTouchEnd={choose}>
        <MarkedText text={text} marks={marks} />
      </div>
      <Button
        className={classes.wholePart}
        variant="subtle"
        size="compact-sm"
        onClick={() => onChoose({ part, start: 0, end: codePointIndex(text, text.length), text })}
      >
        {t("desk_page.comment_whole")}
      </Button>
    </div>
  );
}
