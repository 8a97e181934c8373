import { Button, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Problem } from "@/api/problem";
import { Kbd } from "@/ui/kbd";
import { useShortcuts } from "@/ui/shortcuts";
import classes from "./decision_bar.module.css";
import { changeDecisionDraft, dropDecisionDraft, useDecisionDraft } from "./decision_draft";
import { DecisionProblem } from "./decision_problem";
import { showDecision } from "./decision_toast";
import { Handing } from "./handing";
import { type CaseKey, type CaseView, conductQuery, type Verdict } from "./queries";
import { reasonName } from "./reason_names";
import { ChosenReason, REASON_KEYS, Reasons } from "./reasons";
import { VerdictButtons } from "./verdict_buttons";
import { useClaim, useDecide } from "./writes";

const MESSAGE_CHARACTERS_MAX = 2_000;
// Long enough to think again, short enough not to be forgotten.
const ARMED_FOR_MS = 4_000;

type Props = {
  at: CaseKey;
  seen: CaseView;
  lost: Problem | null;
  onReload: () => void;
  onDone: () => void;
  onClose: () => void;
  onUndone: (key: CaseKey) => void;
};

export function DecisionBar({ at, seen, lost, onReload, onDone, onClose, onUndone }: Props) {
  const { t, i18n } = useTranslation();
  const draft = useDecisionDraft(seen.id);
  const conduct = useQuery(conductQuery).data;
  const reasons = conduct?.reasons ?? [];
  const [need, setNeed] = useState<"reason" | "words" | null>(null);
  const [armed, setArmed] = useState(false);
  const [withNote, setWithNote] = useState(draft.note !== "");
  const message = useRef<HTMLTextAreaElement>(null);
  const claim = useClaim();
  const decide = useDecide((decided, key) => {
    // Undone, the words are wanted again: they go when the decision takes effect.
    if (decided.vote.state !== "pending") dropDecisionDraft(key.case);
    showDecision(decided, key, seen.title, onUndone);
    onDone();
  });
  const isPending = seen.votes.some(({ state }) => state === "pending");
  const isMine = seen.is_mine && !isPending;
  const isBusy = decide.isPending || claim.isPending;
  const mayClaim = !seen.is_own_tenant && !seen.is_barred && !isPending;
  const isFlagged = seen.hits.some(({ severity }) => severity !== "info");

  useEffect(() => {
    if (!armed) return undefined;
    const timer = setTimeout(() => setArmed(false), ARMED_FOR_MS);
    return () => clearTimeout(timer);
  }, [armed]);

  function rule(verdict: Verdict) {
    if (!isMine || isBusy) return;
    if (verdict === "refuse" && draft.reason === null) return setNeed("reason");
    const said = draft.message.trim() !== "" || draft.comments.length > 0;
    if (verdict === "request_changes" && !said && draft.reason === null) {
      setNeed("words");
      message.current?.focus();
      return;
    }
    // A flagged case asks for the key twice: texts leave a second after an approval.
    if (verdict === "approve" && isFlagged && !armed) return setArmed(true);
    setNeed(null);
    setArmed(false);
    decide.mutate({
      key: at,
      decision: {
        verdict,
        content_hash: seen.content_hash,
        lease_fence: seen.lease_fence,
        reason_code: verdict === "approve" ? null : draft.reason,
        message: draft.message.trim(),
        note: draft.note.trim(),
        comments:
          verdict === "request_changes"
            ? draft.comments.map(({ text: _text, ...comment }) => comment)
            : [],
      },
    });
  }

  const take = () => {
    decide.reset();
    if (!isMine && mayClaim) claim.mutate(at);
  };
  const choose = (code: string) => {
    setNeed(null);
    changeDecisionDraft(seen.id, { reason: draft.reason === code ? null : code });
  };
  useShortcuts([
    { keys: "enter", label: t("desk_page.claim"), disabled: isMine, run: take },
    { keys: "a", label: t("desk_page.approve"), disabled: !isMine, run: () => rule("approve") },
    {
      keys: "c",
      label: t("desk_page.ask_changes"),
      disabled: !isMine,
      run: () => rule("request_changes"),
    },
    { keys: "r", label: t("desk_page.refuse"), disabled: !isMine, run: () => rule("refuse") },
    { keys: "n", label: t("desk_page.message"), run: () => message.current?.focus() },
    ...reasons.slice(0, REASON_KEYS).map(({ code }, index) => ({
      keys: String(index + 1),
      label: t("desk_page.reason_key", { reason: reasonName(code, reasons, i18n) }),
      run: () => choose(code),
    })),
  ]);

  return (
    // It stands on its last line: whatever comes and goes does so above what is pressed.
    <footer className={classes.bar}>
      <DecisionProblem
        problem={decide.error ?? lost ?? claim.error}
        onReload={() => {
          decide.reset();
          claim.reset();
          onReload();
        }}
        onClaim={take}
        onNext={onDone}
      />
      {need !== null && (
        <p className={classes.need} role="alert">
          {t(need === "reason" ? "desk_page.need_reason" : "desk_page.need_words")}
        </p>
      )}
      {isMine && (
        <ChosenReason
          reason={reasons.find(({ code }) => code === draft.reason)}
          clauses={conduct?.clauses ?? []}
          onUseFix={(fix) => {
            const words = [draft.message.trim(), fix].filter((part) => part !== "").join(" ");
            changeDecisionDraft(seen.id, { message: words.slice(0, MESSAGE_CHARACTERS_MAX) });
          }}
        />
      )}
      {withNote && (
        <Textarea
          mb="xs"
          autosize
          aria-label={t("desk_page.staff_note")}
          placeholder={t("desk_page.staff_note")}
          maxLength={MESSAGE_CHARACTERS_MAX}
          value={draft.note}
          onChange={(event) => changeDecisionDraft(seen.id, { note: event.currentTarget.value })}
        />
      )}
      {isMine && <Reasons reasons={reasons} chosen={draft.reason} onChoose={choose} />}
      {isMine && (
        <Textarea
          ref={message}
          className={classes.message}
          rows={2}
          aria-label={t("desk_page.message")}
          placeholder={t("desk_page.message_short")}
          maxLength={MESSAGE_CHARACTERS_MAX}
          value={draft.message}
          onChange={(event) => changeDecisionDraft(seen.id, { message: event.currentTarget.value })}
          onKeyDown={(event) => {
            if (event.key === "Escape") event.currentTarget.blur();
          }}
        />
      )}
      <div className={classes.buttons}>
        {isMine ? (
          <VerdictButtons
            asksTwice={isFlagged}
            armed={armed}
            deciding={decide.isPending ? (decide.variables?.decision.verdict ?? null) : null}
            onRule={rule}
          />
        ) : (
          <div className={classes.verdicts}>
            <Button
              aria-keyshortcuts="enter"
              rightSection={<Kbd keys="enter" />}
              loading={claim.isPending}
              disabled={!mayClaim}
              onClick={take}
            >
              {t("desk_page.claim")}
            </Button>
          </div>
        )}
        {isMine && (
          <div className={classes.handing}>
            <Handing
              at={at}
              seen={seen}
              onClose={onClose}
              onDone={onDone}
              onNote={() => setWithNote(true)}
            />
          </div>
        )}
      </div>
    </footer>
  );
}
