import { Button, SegmentedControl } from "@mantine/core";
import { IconUsers } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { PreviewView, SessionView } from "@/api/shapes";
import { type Column, DataTable } from "@/ui/data_table";
import { Evidence } from "@/ui/evidence";
import { Section } from "@/ui/page_header";
import { EmptyState } from "@/ui/states";
import { Tag } from "@/ui/status_pill";
import classes from "./message_step.module.css";
import { type PreviewKind, previewQuery } from "./queries";
import { isRenderable } from "./steps";
import type { DraftHandle } from "./use_draft";

const SHOWN = 20;
const KINDS: readonly PreviewKind[] = ["first", "longest", "missing"];

type Props = { draft: DraftHandle; session: SessionView };

/** Real people with their rendered text; whoever should not get it is left out here. */
export function RecipientsStep({ draft, session }: Props) {
  const { t, i18n } = useTranslation();
  const [kind, setKind] = useState<PreviewKind>("first");
  const ready = isRenderable(draft.fields, session);
  const preview = useQuery({
    ...previewQuery(session.id, draft.version, kind, SHOWN),
    enabled: ready,
    placeholderData: (previous: PreviewView[] | undefined) => previous,
  });
  const left = draft.fields.audience.deselected_ids;

  function reason(person: PreviewView): string {
    const key = `exclusion.${person.excluded_reason}`;
    return i18n.exists(key) ? i18n.t(key as "brand") : (person.excluded_reason ?? "");
  }

  function toggle({ subscriber_id }: PreviewView) {
    const deselected_ids = left.includes(subscriber_id)
      ? left.filter((id) => id !== subscriber_id)
      : [...left, subscriber_id];
    draft.change({ audience: { ...draft.fields.audience, deselected_ids } });
  }

  const columns: Column<PreviewView>[] = [
    {
      id: "person",
      header: t("composer.recipients.person"),
      primary: true,
      width: 170,
      cell: (person) => (
        <>
          {person.name ?? <span className="mono">{person.phone}</span>}
          {person.name !== null && (
            <div className="mono" style={{ color: "var(--ink3)" }}>
              {person.phone}
            </div>
          )}
        </>
      ),
    },
    {
      id: "text",
      header: t("composer.recipients.text"),
      cell: (person) =>
        person.text === null ? (
          <Tag tone="warn">
            {reason(person)} <Evidence of={person.evidence} phone={person.phone} />
          </Tag>
        ) : (
          <p className={classes.text}>{person.text}</p>
        ),
    },
    {
      id: "segments",
      header: t("composer.figures.segments"),
      align: "end",
      width: 80,
      cell: (person) =>
        person.segments > 1 ? <Tag tone="warn">{person.segments}</Tag> : person.segments,
    },
    {
      id: "leave",
      header: t("composer.recipients.choice"),
      align: "end",
      width: 100,
      cell: (person) => (
        <Button variant="default" size="compact-sm" onClick={() => toggle(person)}>
          {t(
            left.includes(person.subscriber_id)
              ? "composer.recipients.take_back"
              : "composer.recipients.leave_out",
          )}
        </Button>
      ),
    },
  ];
  return (
    <Section
      flush
      title={t("composer.recipients.title")}
      aside={
        <SegmentedControl
          size="xs"
          aria-label={t("composer.preview.which")}
          value={kind}
          onChange={(value) => setKind(value as PreviewKind)}
          data={KINDS.map((value) => ({ value, label: t(`composer.preview.${value}`) }))}
        />
      }
    >
      <DataTable
        label={t("composer.recipients.title")}
        columns={columns}
        rows={ready ? preview.data : []}
        rowId={(person) => person.subscriber_id}
        rowLabel={(person) => person.name ?? person.phone}
        error={preview.error}
        onRetry={() => void preview.refetch()}
        empty={
          <EmptyState icon={IconUsers} title={t(`composer.recipients.none_${kind}`)}>
            {t(ready ? "composer.recipients.none_hint" : "composer.recipients.not_ready")}
          </EmptyState>
        }
      />
    </Section>
  );
}
