import { Button, Select } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, client } from "@/api/client";
import { present } from "@/api/present";
import type { components } from "@/api/schema";
import { useSession } from "@/api/session";
import { useIntent } from "@/api/use_intent";
import { Section } from "@/ui/page_header";
import { ErrorState, PageSkeleton } from "@/ui/states";
import { ClauseFields, ReasonFields } from "./conduct_fields";
import classes from "./lead_pages.module.css";
import { PastVersions } from "./past_versions";
import { SaveBar } from "./save_bar";
import { replaced, useEdited, without } from "./use_edited";

type CodeOfConduct = components["schemas"]["CodeOfConduct"];

/** The languages our companies have; a text without one is read in English. */
const LANGUAGES = ["en", "nb", "sv", "da", "fi", "fr", "de", "nl", "es", "it", "pl"];
const ENGLISH = "en";

/** The book that refusals quote: clauses, reasons, and what a company reads of them. */
export function ConductPart() {
  const { data, error, refetch } = api.useQuery("get", "/v1/code-of-conduct");
  if (data !== undefined) return <Editor key={data.version} read={data} />;
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  return <PageSkeleton />;
}

function Editor({ read }: { read: CodeOfConduct }) {
  const { t, i18n } = useTranslation("lead");
  const queries = useQueryClient();
  const mayEdit = useSession()?.staff_roles.includes("lead") ?? false;
  const [language, setLanguage] = useState(ENGLISH);
  const {
    value: book,
    isChanged,
    change,
    discard,
  } = useEdited({
    clauses: read.clauses,
    reasons: read.reasons,
  });
  const saving = useIntent(
    async (note: string, headers) =>
      present(
        await client.PUT("/v1/code-of-conduct", {
          body: { ...book, based_on: read.version, note },
          headers,
        }),
      ),
    {
      onSuccess: async () => {
        await queries.invalidateQueries({ queryKey: ["get"] });
        await queries.invalidateQueries({ queryKey: ["code-of-conduct"] });
      },
    },
  );
  const names = new Intl.DisplayNames(i18n.language, { type: "language" });
  const english = language === ENGLISH;
  return (
    <div className={classes.stack}>
      <Section title={t("conduct.title")} aside={t("version", { version: read.version })}>
        <Select
          w={240}
          maw="100%"
          label={t("conduct.language")}
          description={t("conduct.language_text")}
          allowDeselect={false}
          value={language}
          data={LANGUAGES.map((value) => ({ value, label: names.of(value) ?? value }))}
          onChange={(value) => value !== null && setLanguage(value)}
        />
      </Section>
      <Section title={t("conduct.clauses")}>
        <ol className={classes.cards}>
          {book.clauses.map((clause, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: its number may be under the pen
            <li key={at}>
              <ClauseFields
                clause={clause}
                language={language}
                disabled={!mayEdit}
                onChange={(next) => change({ clauses: replaced(book.clauses, at, next) })}
                onRemove={() => change({ clauses: without(book.clauses, at) })}
              />
            </li>
          ))}
        </ol>
        {mayEdit && english && (
          <Button
            mt="sm"
            variant="default"
            leftSection={<IconPlus size={16} />}
            onClick={() => change({ clauses: [...book.clauses, { id: "", title: "", text: "" }] })}
          >
            {t("conduct.add_clause")}
          </Button>
        )}
      </Section>
      <Section title={t("conduct.reasons")}>
        <p className={classes.hint}>{t("conduct.reasons_text")}</p>
        <ol className={classes.cards}>
          {book.reasons.map((reason, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: its code may be under the pen
            <li key={at}>
              <ReasonFields
                reason={reason}
                clauses={book.clauses}
                language={language}
                disabled={!mayEdit}
                onChange={(next) => change({ reasons: replaced(book.reasons, at, next) })}
                onRemove={() => change({ reasons: without(book.reasons, at) })}
              />
            </li>
          ))}
        </ol>
        {mayEdit && english && (
          <Button
            mt="sm"
            variant="default"
            leftSection={<IconPlus size={16} />}
            onClick={() =>
              change({
                reasons: [
                  ...book.reasons,
                  {
                    code: "",
                    clause: book.clauses[0]?.id ?? "",
                    title: "",
                    tenant_text: "",
                    suggested_fix: "",
                  },
                ],
              })
            }
          >
            {t("conduct.add_reason")}
          </Button>
        )}
      </Section>
      <Versions />
      <SaveBar
        isChanged={isChanged}
        pending={saving.isPending}
        error={saving.error}
        onDiscard={discard}
        onReset={saving.reset}
        onSave={(note, done) => saving.mutate(note, { onSuccess: done })}
      />
    </div>
  );
}

function Versions() {
  const { data = [] } = api.useQuery("get", "/v1/code-of-conduct/versions");
  const versions = data.map(({ in_force_since, ...row }) => ({ ...row, since: in_force_since }));
  return <PastVersions versions={versions} />;
}
