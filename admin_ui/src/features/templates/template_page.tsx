import { Button, Modal } from "@mantine/core";
import { IconPencil, IconSend } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { fieldErrors } from "@/api/problem";
import type { TemplateDetailView, TemplateVersionView } from "@/api/shapes";
import { Callout } from "@/ui/callout";
import { ConfirmDialog } from "@/ui/confirm_dialog";
import { DiffView } from "@/ui/diff_view";
import { PageHeader, Section } from "@/ui/page_header";
import { PhonePreview, piecesOf } from "@/ui/phone_preview";
import { RelativeTime } from "@/ui/relative_time";
import { ErrorState, PageSkeleton } from "@/ui/states";
import { ApprovalPill } from "./approval_pill";
import { ContentFields, wholeText } from "./content_fields";
import { templateQuery, useAddVersion, useSubmitVersion, useWithdrawVersion } from "./queries";
import { Refusal } from "./refusal";
import { useMayWrite } from "./roles";
import classes from "./templates.module.css";

export function TemplatePage() {
  const { templateId } = useParams({ from: "/shell/workspace/templates/$templateId" });
  const template = useQuery(templateQuery(templateId));
  if (template.data === undefined) {
    if (template.isError) {
      return <ErrorState error={template.error} onRetry={() => void template.refetch()} />;
    }
    return <PageSkeleton />;
  }
  return <Template template={template.data} />;
}

function Template({ template }: { template: TemplateDetailView }) {
  const { t } = useTranslation();
  const mayWrite = useMayWrite();
  const queries = useQueryClient();
  const [editing, setEditing] = useState(false);
  const [chosen, setChosen] = useState(template.newest.version);
  const [withdrawing, setWithdrawing] = useState<TemplateVersionView | null>(null);
  const versions = [...template.versions].sort((a, b) => b.version - a.version);
  const version = versions.find((each) => each.version === chosen) ?? template.newest;
  const before = versions.find((each) => each.version === version.version - 1);
  const refresh = () => queries.invalidateQueries({ queryKey: ["templates"] });
  const submit = useSubmitVersion(template.id);
  const withdraw = useWithdrawVersion();
  return (
    <>
      <PageHeader
        trail={[
          <Link key="templates" to="/templates">
            {t("templates.title")}
          </Link>,
          template.name,
        ]}
        title={template.name}
        state={<ApprovalPill state={template.newest.state} />}
        actions={
          mayWrite && (
            <Button
              variant="default"
              leftSection={<IconPencil size={16} />}
              onClick={() => setEditing(true)}
            >
              {t("templates.new_version")}
            </Button>
          )
        }
      />
      <div className={classes.panes}>
        <Section flush title={t("templates.versions")}>
          <ol className={classes.versions}>
            {versions.map((each) => (
              <li key={each.id}>
                <button
                  type="button"
                  aria-current={each.version === version.version}
                  onClick={() => setChosen(each.version)}
                >
                  <strong>v{each.version}</strong>
                  <ApprovalPill state={each.state} />
                  <RelativeTime at={each.created_at} />
                </button>
              </li>
            ))}
          </ol>
        </Section>
        <div className={classes.middle}>
          {version.state === "refused" && (
            <Callout tone="bad" title={t("templates.refused")}>
              {version.reason}
              <Refusal subjectId={version.id} />
            </Callout>
          )}
          {version.state === "draft" && version.reason !== null && (
            <Callout tone="warn" title={t("composer.returned.changes")}>
              {version.reason}
            </Callout>
          )}
          {version.state === "draft" && mayWrite && (
            <Callout
              tone="info"
              title={t("templates.not_approved")}
              action={
                <Button
                  leftSection={<IconSend size={15} />}
                  loading={submit.isPending}
                  onClick={() => submit.mutate(version.version, { onSuccess: refresh })}
                >
                  {t("templates.submit")}
                </Button>
              }
            >
              {t("templates.not_approved_text")}
            </Callout>
          )}
          {submit.isError && <ErrorState compact error={submit.error} />}
          <Section
            title={t("templates.version_title", { version: version.version })}
            aside={
              mayWrite &&
              (version.state === "approved" || version.state === "awaiting_approval") && (
                <Button variant="subtle" size="compact-sm" onClick={() => setWithdrawing(version)}>
                  {t("templates.withdraw")}
                </Button>
              )
            }
          >
            <p className={classes.text}>{wholeText(version)}</p>
          </Section>
          {before !== undefined && (
            <Section flush title={t("templates.changed")}>
              <DiffView
                before={{ label: `v${before.version}`, text: wholeText(before) }}
                after={{ label: `v${version.version}`, text: wholeText(version) }}
              />
            </Section>
          )}
        </div>
        <PhonePreview sender={t("templates.sender_sample")} pieces={piecesOf(wholeText(version))} />
      </div>
      {editing && (
        <NewVersion
          template={template}
          onClose={() => setEditing(false)}
          onSaved={(made) => {
            setEditing(false);
            setChosen(made.newest.version);
            void refresh();
          }}
        />
      )}
      <ConfirmDialog
        opened={withdrawing !== null}
        onClose={() => setWithdrawing(null)}
        onConfirm={() =>
          withdrawing !== null &&
          withdraw.mutate(withdrawing.id, {
            onSuccess: () => {
              setWithdrawing(null);
              void refresh();
            },
          })
        }
        title={t("templates.withdraw_title")}
        confirm={t("templates.withdraw")}
        danger
        pending={withdraw.isPending}
        error={withdraw.error}
      >
        <p>{t("templates.withdraw_text")}</p>
      </ConfirmDialog>
    </>
  );
}

type NewVersionProps = {
  template: TemplateDetailView;
  onClose: () => void;
  onSaved: (template: TemplateDetailView) => void;
};

function NewVersion({ template, onClose, onSaved }: NewVersionProps) {
  const { t } = useTranslation();
  const { header, body, footer } = template.newest;
  const [content, setContent] = useState({ header, body, footer });
  const add = useAddVersion(template.id);
  const changed = wholeText(content) !== wholeText(template.newest);
  return (
    <Modal opened onClose={onClose} title={t("templates.new_version")} size="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate(content, { onSuccess: onSaved });
        }}
      >
        <ContentFields
          content={content}
          onChange={setContent}
          errors={add.error === null ? {} : fieldErrors(add.error)}
        />
        {add.isError && <ErrorState compact error={add.error} />}
        <Button
          type="submit"
          mt="md"
          fullWidth
          disabled={!changed || content.body.trim() === ""}
          loading={add.isPending}
        >
          {t("templates.save_version", { version: template.newest.version + 1 })}
        </Button>
      </form>
    </Modal>
  );
}
