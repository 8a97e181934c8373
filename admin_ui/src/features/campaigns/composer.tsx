import { Button } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { IconArrowLeft, IconArrowRight, IconCheck } from "@tabler/icons-react";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { SessionView } from "@/api/shapes";
import { Callout } from "@/ui/callout";
import { Kbd } from "@/ui/kbd";
import { PageHeader } from "@/ui/page_header";
import { SessionStatePill } from "@/ui/state_pill";
import { ErrorState } from "@/ui/states";
import { AudienceStep } from "./audience_step";
import classes from "./composer.module.css";
import { ComposerMenu } from "./composer_menu";
import { ConfirmStep } from "./confirm_step";
import { MessageStep } from "./message_step";
import { PreviewDock } from "./preview_dock";
import { RecipientsStep } from "./recipients_step";
import { ReturnedNotice } from "./returned_notice";
import { isDone, STEPS, type Step, stepOf } from "./steps";
import { type DraftHandle, useDraft } from "./use_draft";

export function Composer({ session }: { session: SessionView }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const search = useSearch({ from: "/shell/workspace/campaigns/$sessionId/edit" });
  const step = stepOf(search.step);
  const draft = useDraft(session);
  const at = STEPS.indexOf(step);

  async function go(to: Step | undefined) {
    if (to === undefined) return;
    // The next step shows what the server knows: it must know what was typed.
    await draft.save();
    await navigate({
      to: "/campaigns/$sessionId/edit",
      params: { sessionId: session.id },
      search: { step: to },
    });
  }

  useHotkeys(
    [
      ["mod+Enter", () => void go(STEPS[at + 1])],
      ["mod+S", () => void draft.save()],
      ...STEPS.map((each, index): [string, () => void] => [
        `alt+${index + 1}`,
        () => void go(each),
      ]),
    ],
    [],
  );

  const name = session.campaign_name ?? t("campaigns.unnamed");
  return (
    <div className={classes.composer} data-step={step}>
      <PageHeader
        trail={[
          <Link key="campaigns" to="/campaigns">
            {t("campaigns.title")}
          </Link>,
          t("composer.trail"),
        ]}
        title={name}
        state={
          <>
            <SessionStatePill state={session.state} />
            <SaveWord draft={draft} />
          </>
        }
        actions={<ComposerMenu session={session} />}
      />
      <DraftTrouble draft={draft} />
      <ReturnedNotice session={session} />
      <div className={classes.panes}>
        <StepList current={step} draft={draft} session={session} onGo={(to) => void go(to)} />
        <div className={classes.middle}>
          {step === "audience" && <AudienceStep draft={draft} />}
          {step === "message" && <MessageStep draft={draft} session={session} />}
          {step === "recipients" && <RecipientsStep draft={draft} session={session} />}
          {step === "confirm" && <ConfirmStep draft={draft} session={session} />}
          <footer className={classes.foot}>
            {at > 0 && (
              <Button
                variant="default"
                leftSection={<IconArrowLeft size={15} />}
                onClick={() => void go(STEPS[at - 1])}
              >
                {t("composer.back")}
              </Button>
            )}
            {step !== "confirm" && (
              <Button
                className={classes.next}
                rightSection={
                  <>
                    <IconArrowRight size={15} style={{ marginInlineEnd: 6 }} />
                    <Kbd keys="mod+enter" />
                  </>
                }
                onClick={() => void go(STEPS[at + 1])}
              >
                {t(`composer.next.${STEPS[at + 1] as Exclude<Step, "audience">}`)}
              </Button>
            )}
          </footer>
        </div>
        <PreviewDock draft={draft} session={session} />
      </div>
    </div>
  );
}

type StepListProps = {
  current: Step;
  draft: DraftHandle;
  session: SessionView;
  onGo: (step: Step) => void;
};

function StepList({ current, draft, session, onGo }: StepListProps) {
  const { t } = useTranslation();
  return (
    <nav className={classes.steps} aria-label={t("composer.steps")}>
      <ol>
        {STEPS.map((step, index) => {
          const done = isDone(step, draft.fields, session);
          return (
            <li key={step}>
              <button
                type="button"
                aria-current={step === current ? "step" : undefined}
                data-done={done || undefined}
                onClick={() => onGo(step)}
              >
                <span className={classes.number} aria-hidden>
                  {done ? <IconCheck size={13} stroke={2.6} /> : index + 1}
                </span>
                <span>
                  {t(`composer.step.${step}`)}
                  <small>{t(`composer.step_hint.${step}`)}</small>
                </span>
              </button>
            </li>
          );
        })}
      </ol>
    </nav>
  );
}

function SaveWord({ draft }: { draft: DraftHandle }) {
  const { t } = useTranslation();
  return (
    <span className={classes.saved} role="status" data-state={draft.state}>
      {t(`composer.save.${draft.state}`)}
    </span>
  );
}

/** A save that met another one, or did not arrive: the words stay here until somebody chose. */
function DraftTrouble({ draft }: { draft: DraftHandle }) {
  const { t } = useTranslation();
  const [busy, setBusy] = useState(false);
  async function choose(act: () => Promise<void>) {
    setBusy(true);
    await act().catch(() => undefined);
    setBusy(false);
  }
  if (draft.state === "conflict") {
    return (
      <Callout
        tone="warn"
        live
        title={t("composer.conflict.title")}
        action={
          <>
            <Button variant="default" loading={busy} onClick={() => void choose(draft.takeTheirs)}>
              {t("composer.conflict.theirs")}
            </Button>
            <Button loading={busy} onClick={() => void choose(draft.keepMine)}>
              {t("composer.conflict.mine")}
            </Button>
          </>
        }
      >
        {t("composer.conflict.text")}
      </Callout>
    );
  }
  if (draft.state !== "failed" || draft.problem === null) return null;
  return (
    <ErrorState
      compact
      error={draft.problem}
      safe={t("composer.text_kept")}
      onRetry={() => void draft.save()}
    />
  );
}
