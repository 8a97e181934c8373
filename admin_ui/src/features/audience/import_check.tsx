import { Button } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import type { ImportView } from "@/api/imports";
import { present } from "@/api/present";
import { useIntent } from "@/api/use_intent";
import { useRefresh } from "@/api/use_pages";
import { ConfirmDialog } from "@/ui/confirm_dialog";
import { formatInteger } from "@/ui/format";
import { ErrorState } from "@/ui/states";
import { IMPORTS, useAudienceRights } from "./audience";
import classes from "./audience.module.css";
import { ImportColumns } from "./import_columns";
import { type CheckFields, checkFieldsOf, isSame, optionsOf } from "./import_options";
import { ImportFindings, ImportReport } from "./import_report";
import { ImportSettings } from "./import_settings";
import importClasses from "./imports.module.css";

type Verb = "accept" | "discard";

/** Columns, settings and what the check found; nothing is imported before the explicit step. */
export function ImportCheck({ job }: { job: ImportView }) {
  const { t } = useTranslation();
  const rights = useAudienceRights();
  const refresh = useRefresh();
  const [asked, setAsked] = useState<Verb | null>(null);
  const before = checkFieldsOf(job);
  const form = useForm<CheckFields>({ initialValues: before });
  const isChecked = job.state === "parsed" && isSame(form.values, before);
  const settled = { onSuccess: () => refresh(IMPORTS) };

  const checking = useIntent(
    async (fields: CheckFields, headers) =>
      present(
        await client.PUT("/v1/imports/{import_id}/options", {
          params: { path: { import_id: job.id } },
          body: optionsOf(fields),
          headers,
        }),
      ),
    settled,
  );
  const deciding = useIntent(
    async (verb: Verb, headers) =>
      present(
        await client.POST(`/v1/imports/{import_id}/${verb}`, {
          params: { path: { import_id: job.id } },
          headers,
        }),
      ),
    settled,
  );

  return (
    <div className={classes.stack}>
      <ImportReport job={job} />
      {job.preview !== null && (
        <ImportColumns
          preview={job.preview}
          mapping={form.values.mapping}
          onChange={rights.add ? (mapping) => form.setFieldValue("mapping", mapping) : null}
        />
      )}
      <ImportSettings form={form} editable={rights.add} />
      <ImportFindings job={job} />
      {checking.isError && <ErrorState error={checking.error} compact />}
      {rights.add && (
        <Foot
          job={job}
          isChecked={isChecked}
          checking={checking.isPending}
          onCheck={() => checking.mutate(form.values)}
          onAsk={setAsked}
        />
      )}
      <AcceptDialog
        job={job}
        opened={asked === "accept"}
        onClose={() => setAsked(null)}
        onConfirm={() => deciding.mutate("accept")}
        pending={deciding.isPending}
        error={deciding.error}
      />
      <ConfirmDialog
        opened={asked === "discard"}
        onClose={() => setAsked(null)}
        onConfirm={() => deciding.mutate("discard")}
        title={t("imports.discard_title", { file: job.file_name })}
        confirm={t("imports.discard")}
        danger
        pending={deciding.isPending}
        error={deciding.error}
      >
        <p>{t("imports.discard_text")}</p>
      </ConfirmDialog>
    </div>
  );
}

type FootProps = {
  job: ImportView;
  isChecked: boolean;
  checking: boolean;
  onCheck: () => void;
  onAsk: (verb: Verb) => void;
};

function Foot({ job, isChecked, checking, onCheck, onAsk }: FootProps) {
  const { t, i18n } = useTranslation();
  const amount = formatInteger(job.rows_ready, i18n.language);
  const nothing = job.rows_ready === 0;
  function said() {
    if (job.state === "failed") return t("imports.foot_failed");
    if (!isChecked) return t("imports.foot_changed");
    return nothing
      ? t("imports.foot_nothing")
      : t("imports.foot_ready", { count: job.rows_ready, amount });
  }
  return (
    <div className={importClasses.foot}>
      <p role="status">{said()}</p>
      <Button variant="default" data-tone="bad" onClick={() => onAsk("discard")}>
        {t("imports.discard")}
      </Button>
      {isChecked ? (
        <Button disabled={nothing} onClick={() => onAsk("accept")}>
          {t("imports.accept", { count: job.rows_ready, amount })}
        </Button>
      ) : (
        <Button loading={checking} onClick={onCheck}>
          {t("imports.check_again")}
        </Button>
      )}
    </div>
  );
}

type AcceptProps = {
  job: ImportView;
  opened: boolean;
  onClose: () => void;
  onConfirm: () => void;
  pending: boolean;
  error: unknown;
};

function AcceptDialog({ job, ...dialog }: AcceptProps) {
  const { t, i18n } = useTranslation();
  const existing = job.report?.existing ?? 0;
  const amount = (value: number) => formatInteger(value, i18n.language);
  return (
    <ConfirmDialog
      {...dialog}
      title={t("imports.accept_title", { file: job.file_name })}
      confirm={t("imports.accept", { count: job.rows_ready, amount: amount(job.rows_ready) })}
      consent={t("imports.accept_consent")}
    >
      <p>
        {t("imports.accept_text", {
          fresh: amount(job.rows_ready - existing),
          existing: amount(existing),
        })}
      </p>
      {job.rows_refused > 0 && (
        <p>
          {t("imports.accept_refused", {
            count: job.rows_refused,
            amount: amount(job.rows_refused),
          })}
        </p>
      )}
      {job.options.consent_source ? (
        <p>{t("imports.accept_source", { source: job.options.consent_source })}</p>
      ) : (
        <p>
          <strong>{t("imports.accept_no_source")}</strong>
        </p>
      )}
    </ConfirmDialog>
  );
}
