import { Button, Textarea, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { useSession } from "@/api/session";
import { useIntent } from "@/api/use_intent";
import { useRefresh } from "@/api/use_pages";
import { Callout } from "@/ui/callout";
import { CountrySelect } from "@/ui/country_select";
import { Dialog } from "@/ui/dialog";
import { EVERY_DAY, type TimeSpan } from "@/ui/hours";
import { SpanFields } from "@/ui/hours_fields";
import { PageHeader, Section } from "@/ui/page_header";
import { ErrorState } from "@/ui/states";
import classes from "./audience.module.css";
import { countryName, LEGAL_HOURS, type LegalHours, LegalTable } from "./legal_table";

const NIGHT: TimeSpan = { days: [...EVERY_DAY], starts: "21:00", ends: "08:00" };

/** Our people's table of what laws ask for. */
export function LegalHoursPage() {
  const { t } = useTranslation("targeting");
  const roles = useSession()?.staff_roles ?? [];
  const mayEdit = roles.some((role) => role === "lead" || role === "admin");
  const [opened, setOpened] = useState<LegalHours | "new" | null>(null);
  return (
    <>
      <PageHeader
        title={t("legal.title")}
        actions={
          mayEdit && (
            <Button
              leftSection={<IconPlus size={16} aria-hidden />}
              onClick={() => setOpened("new")}
            >
              {t("legal.add")}
            </Button>
          )
        }
      />
      <div className={classes.stack}>
        <Callout tone="warn">{t("legal.no_advice")}</Callout>
        <Section flush>
          <LegalTable onOpen={mayEdit ? setOpened : undefined} />
        </Section>
      </div>
      {opened !== null && (
        <LegalDialog row={opened === "new" ? undefined : opened} onClose={() => setOpened(null)} />
      )}
    </>
  );
}

function LegalDialog({ row, onClose }: { row?: LegalHours; onClose: () => void }) {
  const { t, i18n } = useTranslation("targeting");
  const refresh = useRefresh();
  const [country, setCountry] = useState<string | null>(row?.country ?? null);
  const [spans, setSpans] = useState<TimeSpan[]>(row?.quiet_hours ?? [NIGHT]);
  const [note, setNote] = useState(row?.note ?? "");
  const [source, setSource] = useState(row?.source ?? "");
  const onSuccess = async () => {
    await refresh(LEGAL_HOURS);
    onClose();
  };
  const saving = useIntent(
    (body: { version: number; quiet_hours: TimeSpan[]; note: string; source: string }, headers) =>
      client.PUT("/v1/legal-hours/{country}", {
        params: { path: { country: country ?? "" } },
        body,
        headers,
      }),
    { onSuccess },
  );
  const deleting = useIntent(
    (code: string, headers) =>
      client.DELETE("/v1/legal-hours/{country}", { params: { path: { country: code } }, headers }),
    { onSuccess },
  );
  return (
    <Dialog
      size="lg"
      onClose={onClose}
      title={row === undefined ? t("legal.add") : countryName(row.country, i18n.language)}
    >
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          saving.mutate({ version: row?.version ?? 0, quiet_hours: spans, note, source });
        }}
      >
        {row === undefined && (
          <CountrySelect label={t("legal.country")} value={country} onChange={setCountry} />
        )}
        <SpanFields
          title={t("hours.quiet")}
          add={t("hours.quiet_add")}
          fresh={NIGHT}
          value={spans}
          onChange={setSpans}
        />
        <TextInput
          label={t("legal.source")}
          maxLength={200}
          value={source}
          onChange={(event) => setSource(event.currentTarget.value)}
        />
        <Textarea
          autosize
          label={t("legal.note")}
          maxLength={500}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        {(saving.isError || deleting.isError) && (
          <ErrorState error={saving.error ?? deleting.error} compact />
        )}
        <div className={classes.actions}>
          {row !== undefined && (
            <Button
              variant="default"
              data-tone="bad"
              leftSection={<IconTrash size={16} aria-hidden />}
              loading={deleting.isPending}
              onClick={() => deleting.mutate(row.country)}
            >
              {t("legal.delete")}
            </Button>
          )}
          <Button
            type="submit"
            disabled={country === null || spans.length === 0}
            loading={saving.isPending}
          >
            {t("edit.save")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
