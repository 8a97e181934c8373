import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import {
  IconArrowBackUp,
  IconCheck,
  IconDownload,
  IconPencil,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerStop,
  IconSend,
  IconX,
  type TablerIcon,
} from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { type MouseEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { readSession, useSession } from "@/api/session";
import type { SessionView } from "@/api/shapes";
import { stepUp } from "@/api/step_up";
import { ConfirmDialog } from "@/ui/confirm_dialog";
import { formatInteger } from "@/ui/format";
import { Kbd } from "@/ui/kbd";
import { useShortcuts } from "@/ui/shortcuts";
import { RetryFailed } from "./retry_failed";
import { requiredCredits, useCopySession, useVerb, type Verb } from "./verbs";

const SENDING_ROLES: ReadonlySet<string> = new Set(["owner", "manager", "sender"]);
const WRITING_ROLES: ReadonlySet<string> = new Set(["owner", "manager", "sender", "editor"]);
const IN_REVIEW = new Set(["screening", "awaiting_validation"]);
const ENDS = new Set(["completed", "refused", "cancelled", "failed"]);

type Offer = { verb: Verb; keys?: string; icon: TablerIcon; danger?: boolean; isMain?: boolean };

/** Exactly what may be done now, as the server says; who may not do it sees no button. */
function offersOf(session: SessionView): Offer[] {
  const can = session.capabilities;
  const offers: Offer[] = [];
  if (session.state === "awaiting_confirmation" && requiredCredits(session) > 0)
    offers.push({ verb: "confirm", icon: IconCheck, isMain: true });
  if (can.may_send_now) offers.push({ verb: "send_now", icon: IconSend, isMain: true });
  if (can.may_pause) offers.push({ verb: "pause", keys: "p", icon: IconPlayerPause });
  if (can.may_resume)
    offers.push({ verb: "resume", keys: "p", icon: IconPlayerPlay, isMain: true });
  if (can.may_stop) offers.push({ verb: "stop", icon: IconPlayerStop, danger: true });
  if (can.may_cancel && session.state !== "draft") {
    const withdraws = IN_REVIEW.has(session.state);
    offers.push({
      verb: "cancel",
      icon: withdraws ? IconArrowBackUp : IconX,
      danger: !withdraws,
    });
  }
  return offers;
}

export function SessionActions({ session }: { session: SessionView }) {
  const { t, i18n } = useTranslation();
  const role = useSession()?.member_role ?? "viewer";
  const [asked, setAsked] = useState<Verb | null>(null);
  const act = useVerb(session, (standing, verb) => {
    setAsked(null);
    notifications.show({
      message: t(`session.did.${verb}`, {
        sent: formatInteger(standing.sent ?? 0, i18n.language),
        in_flight: formatInteger(standing.in_flight ?? 0, i18n.language),
        cancelled: formatInteger(standing.cancelled ?? 0, i18n.language),
        queued: formatInteger(standing.queued ?? 0, i18n.language),
      }),
    });
  });
  const offers = SENDING_ROLES.has(role) ? offersOf(session) : [];
  useShortcuts(
    offers.flatMap(({ verb, keys }) =>
      keys === undefined
        ? []
        : [{ keys, label: t(`session.verb.${verb}`), run: () => setAsked(verb) }],
    ),
  );
  const label = (verb: Verb) =>
    t(
      verb === "cancel" && IN_REVIEW.has(session.state)
        ? "session.verb.withdraw"
        : `session.verb.${verb}`,
    );
  function consentOf(verb: Verb): string | undefined {
    if (verb === "stop") return t("session.ask.stop.consent");
    if (verb !== "confirm") return undefined;
    const required = formatInteger(requiredCredits(session), i18n.language);
    return t("session.ask.confirm.consent", { required });
  }
  return (
    <>
      {offers.map(({ verb, icon: Icon, keys, danger, isMain }) => (
        <Button
          key={verb}
          variant={isMain ? "filled" : "default"}
          data-tone={danger ? "bad" : undefined}
          leftSection={<Icon size={16} />}
          rightSection={keys !== undefined && <Kbd keys={keys} />}
          aria-keyshortcuts={keys}
          onClick={() => setAsked(verb)}
        >
          {label(verb)}
        </Button>
      ))}
      {SENDING_ROLES.has(role) && <RetryFailed session={session} />}
      <Again session={session} role={role} />
      {session.started_at !== null && (
        <Button
          component="a"
          href={`/v1/sessions/${session.id}/results.csv`}
          download
          onClick={(event) => void download(event)}
          variant="default"
          leftSection={<IconDownload size={16} />}
        >
          {t("session.export")}
        </Button>
      )}
      {asked !== null && (
        <ConfirmDialog
          opened
          onClose={() => {
            setAsked(null);
            act.reset();
          }}
          onConfirm={() => act.mutate(asked)}
          title={t(`session.ask.${asked}.title`)}
          confirm={label(asked)}
          danger={asked === "stop" || asked === "cancel"}
          consent={consentOf(asked)}
          pending={act.isPending}
          error={act.error}
        >
          <Effect verb={asked} session={session} />
        </ConfirmDialog>
      )}
    </>
  );
}

/** The effect in figures of this moment: pausing and stopping frighten only while it is unknown. */
function Effect({ verb, session }: { verb: Verb; session: SessionView }) {
  const { t, i18n } = useTranslation();
  const { progress } = session;
  const number = (value: number) => formatInteger(value, i18n.language);
  const waiting = progress.queued + progress.waiting_retry;
  const withdraws = verb === "cancel" && IN_REVIEW.has(session.state);
  return (
    <p>
      {t(withdraws ? "session.ask.withdraw.effect" : `session.ask.${verb}.effect`, {
        have: number(progress.submitted),
        waiting: number(waiting),
        required: number(requiredCredits(session)),
        ceiling: number(session.quote?.ceiling_credits ?? session.ceiling_credits ?? 0),
      })}
    </p>
  );
}

function Again({ session, role }: { session: SessionView; role: string }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const edit = (id: string) =>
    navigate({
      to: "/campaigns/$sessionId/edit",
      params: { sessionId: id },
      search: { step: "message" },
    });
  const copy = useCopySession(session.id, async (made) => {
    await edit(made.id);
  });
  if (!WRITING_ROLES.has(role) || session.campaign_id === null) return null;
  if (session.state === "draft") {
    return (
      <Button leftSection={<IconPencil size={16} />} onClick={() => void edit(session.id)}>
        {t("session.edit")}
      </Button>
    );
  }
  if (!ENDS.has(session.state)) return null;
  function again() {
    copy.mutate(null, {
      onError: (problem) => {
        // A draft of this campaign is open already: that one is the answer.
        const open = problem.facts.session_id;
        if (problem.code === "draft_exists" && typeof open === "string") void edit(open);
        else notifications.show({ color: "red", message: problem.message });
      },
    });
  }
  return (
    <Button
      variant={session.state === "completed" ? "default" : "filled"}
      leftSection={<IconPencil size={16} />}
      loading={copy.isPending}
      onClick={again}
    >
      {t(session.state === "completed" ? "session.again" : "session.fix")}
    </Button>
  );
}

/** A file with numbers asks for a fresh proof, which a link by itself cannot give. */
async function download(event: MouseEvent<HTMLAnchorElement>) {
  const link = event.currentTarget;
  if (link.dataset.proven !== undefined) {
    delete link.dataset.proven;
    return;
  }
  event.preventDefault();
  const session = await readSession();
  if (session?.is_stepped_up === false && !(await stepUp())) return;
  link.dataset.proven = "";
  link.click();
}
