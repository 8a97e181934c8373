import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { asProblem, type Problem } from "@/api/problem";
import type { AudienceInput, DraftUpdate, ScheduleInput, SessionView } from "@/api/shapes";
import { sessionQuery } from "./queries";
import { readSession, saveDraft } from "./writes";

export type DraftFields = {
  body: string;
  header: string;
  footer: string;
  sender_id: string | null;
  template_version_id: string | null;
  audience: Required<AudienceInput>;
  schedule: ScheduleInput | null;
};

export type SaveState = "saved" | "waiting" | "saving" | "conflict" | "failed";

const SAVE_AFTER_MS = 700;

export function fieldsOf({ draft }: SessionView): DraftFields {
  return {
    body: draft.body,
    header: draft.header,
    footer: draft.footer,
    sender_id: draft.sender_id ?? null,
    template_version_id: draft.template_version_id ?? null,
    audience: {
      all: draft.audience?.all ?? false,
      group_ids: draft.audience?.group_ids ?? [],
      subscriber_ids: draft.audience?.subscriber_ids ?? [],
      deselected_ids: draft.audience?.deselected_ids ?? [],
      target_group_ids: draft.audience?.target_group_ids ?? [],
      deselected_group_ids: draft.audience?.deselected_group_ids ?? [],
      deselected_target_group_ids: draft.audience?.deselected_target_group_ids ?? [],
      hours: draft.audience?.hours ?? null,
    },
    schedule: wishOf(draft.schedule),
  };
}

/** What was asked for, from what is stored: the instant stays with the server. */
export function wishOf(stored: SessionView["draft"]["schedule"]): ScheduleInput | null {
  if (!stored) return null;
  const { local, zone, max_lateness_minutes, dst = null, repeat = null } = stored;
  return { local, zone, max_lateness_minutes, dst, repeat };
}

/**
 * The draft as it is being written. Changes wait a moment and go one save at a time, each naming the
 * version it was made on; somebody else's save in between is shown, never overwritten by itself.
 */
export function useDraft(session: SessionView) {
  const queries = useQueryClient();
  const [fields, setFields] = useState(() => fieldsOf(session));
  const [version, setVersion] = useState(session.draft_version);
  const [pending, setPending] = useState<Partial<DraftFields>>({});
  const [state, setState] = useState<SaveState>("saved");
  const [problem, setProblem] = useState<Problem | null>(null);
  const latest = useRef({ pending, version, state });
  latest.current = { pending, version, state };

  function adopt(saved: SessionView, stillPending: Partial<DraftFields>) {
    setVersion(saved.draft_version);
    setFields({ ...fieldsOf(saved), ...stillPending });
    queries.setQueryData(sessionQuery(session.id).queryKey, saved);
  }

  async function save(): Promise<boolean> {
    const sent = latest.current.pending;
    if (Object.keys(sent).length === 0) return true;
    setState("saving");
    const update: DraftUpdate = { draft_version: latest.current.version, ...sent };
    try {
      const saved = await saveDraft(session.id, update);
      // What was typed while the save was under way waits for the next one.
      const now = latest.current.pending;
      const left = Object.fromEntries(
        Object.entries(now).filter(([key, value]) => value !== sent[key as keyof DraftFields]),
      ) as Partial<DraftFields>;
      latest.current = { ...latest.current, pending: left, version: saved.draft_version };
      setPending(left);
      adopt(saved, left);
      setProblem(null);
      setState(Object.keys(left).length === 0 ? "saved" : "waiting");
      return true;
    } catch (error) {
      const found = asProblem(error);
      setProblem(found);
      setState(found.code === "draft_changed" ? "conflict" : "failed");
      return false;
    }
  }

  function change(part: Partial<DraftFields>) {
    setFields((current) => ({ ...current, ...part }));
    setPending((current) => ({ ...current, ...part }));
    setState((current) => (current === "saving" || current === "conflict" ? current : "waiting"));
  }

  /** A template brings its texts: the saved answer says which. */
  function chooseTemplate(template_version_id: string | null) {
    setFields((current) => ({ ...current, template_version_id }));
    setPending(({ body: _body, header: _header, footer: _footer, ...rest }) => ({
      ...rest,
      template_version_id,
    }));
    setState("waiting");
  }

  const saveRef = useRef(save);
  saveRef.current = save;
  useEffect(() => {
    if (state !== "waiting" || Object.keys(pending).length === 0) return undefined;
    const timer = setTimeout(() => void saveRef.current(), SAVE_AFTER_MS);
    return () => clearTimeout(timer);
  }, [pending, state]);

  useEffect(() => {
    function warn(event: BeforeUnloadEvent) {
      if (latest.current.state !== "saved") event.preventDefault();
    }
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, []);

  async function takeTheirs() {
    const theirs = await readSession(session.id);
    setPending({});
    latest.current.pending = {};
    adopt(theirs, {});
    setState("saved");
    setProblem(null);
  }

  async function keepMine() {
    const theirs = await readSession(session.id);
    latest.current = { ...latest.current, version: theirs.draft_version };
    setVersion(theirs.draft_version);
    await save();
  }

  return {
    fields,
    version,
    state,
    problem,
    change,
    chooseTemplate,
    save,
    takeTheirs,
    keepMine,
  };
}

export type DraftHandle = ReturnType<typeof useDraft>;
