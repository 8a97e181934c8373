import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Kbd } from "@/ui/kbd";
import { ErrorState } from "@/ui/states";
import { useNow } from "@/ui/use_now";
import { dropDecisionDraft } from "./decision_draft";
import classes from "./decision_toast.module.css";
import { addPendingVote, dropPendingVote, type PendingVote, usePendingVote } from "./pending_votes";
import type { CaseKey, DecidedView } from "./queries";
import { useUndo } from "./writes";

const READ_FOR_MS = 4_000;

const toastId = (voteId: string) => `vote ${voteId}`;

/** It stands over whatever page comes next, until the decision takes effect. */
export function showDecision(
  decided: DecidedView,
  key: CaseKey,
  title: string,
  onUndone: (key: CaseKey) => void,
): void {
  const { vote } = decided;
  if (vote.state !== "pending") {
    notifications.show({
      id: toastId(vote.id),
      message: <Settled decided={decided} title={title} />,
      autoClose: READ_FOR_MS,
    });
    return;
  }
  const pending: PendingVote = {
    key,
    voteId: vote.id,
    verdict: vote.verdict,
    title,
    takesEffectAt: vote.takes_effect_at,
  };
  addPendingVote(pending);
  notifications.show({
    id: toastId(vote.id),
    message: <Undoable vote={pending} onUndone={onUndone} />,
    autoClose: false,
    withCloseButton: false,
  });
}

function Settled({ decided, title }: { decided: DecidedView; title: string }) {
  const { t } = useTranslation("moderation");
  const { verdict, state } = decided.vote;
  return (
    <>
      <strong>{t(`verdict.${verdict}`)}</strong> {title}
      {state === "counted" && <> {t("toast.first_of_two")}</>}
    </>
  );
}

type Props = { vote: PendingVote; onUndone: (key: CaseKey) => void };

function Undoable({ vote, onUndone }: Props) {
  const { t } = useTranslation("moderation");
  const newest = usePendingVote();
  const leftMs = Date.parse(vote.takesEffectAt) - useNow();
  const isOver = leftMs <= 0;
  const undo = useUndo((key) => {
    dropPendingVote(vote.voteId);
    notifications.hide(toastId(vote.voteId));
    onUndone(key);
  });

  useEffect(() => {
    if (!isOver || undo.isPending) return undefined;
    dropPendingVote(vote.voteId);
    dropDecisionDraft(vote.key.case);
    const timer = setTimeout(() => notifications.hide(toastId(vote.voteId)), READ_FOR_MS);
    return () => clearTimeout(timer);
  }, [isOver, undo.isPending, vote.voteId, vote.key.case]);

  if (undo.isError) return <ErrorState compact error={undo.error} />;
  return (
    <div className={classes.toast}>
      <span>
        <strong>{t(`verdict.${vote.verdict}`)}</strong> {vote.title}
      </span>
      {isOver ? (
        <span className={classes.over}>{t("toast.in_effect")}</span>
      ) : (
        <Button
          size="compact-sm"
          variant="default"
          data-undo={vote.voteId}
          loading={undo.isPending}
          aria-keyshortcuts={newest?.voteId === vote.voteId ? "z" : undefined}
          rightSection={newest?.voteId === vote.voteId ? <Kbd keys="z" /> : undefined}
          onClick={() => undo.mutate({ key: vote.key, vote_id: vote.voteId })}
        >
          {t("toast.undo", { count: Math.max(1, Math.floor(leftMs / 1_000)) })}
        </Button>
      )}
    </div>
  );
}

/** The key Z: the newest toast's own button, so that both do the very same. */
export function undoNewest(vote: PendingVote): void {
  document.querySelector<HTMLButtonElement>(`[data-undo="${vote.voteId}"]`)?.click();
}
