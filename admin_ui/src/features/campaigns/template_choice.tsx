import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { templateChoicesQuery } from "./queries";
import type { DraftHandle } from "./use_draft";

type Props = { draft: DraftHandle; approvedOnly: boolean };

/** Chosen, it brings its texts; changed afterwards, the text is checked as one of its own. */
export function TemplateChoice({ draft, approvedOnly }: Props) {
  const { t } = useTranslation();
  const templates = useQuery(templateChoicesQuery);
  const choices = (templates.data?.items ?? []).flatMap((template) => {
    const version = template.approved ?? (approvedOnly ? null : template.newest);
    if (version === null || template.is_archived) return [];
    const state = version.state === "approved" ? "approved" : "unapproved";
    return [
      {
        value: version.id,
        label: t(`composer.template.${state}`, { name: template.name, version: version.version }),
        version,
      },
    ];
  });
  const chosen = choices.find(({ value }) => value === draft.fields.template_version_id);
  const changed =
    chosen !== undefined &&
    (chosen.version.body !== draft.fields.body ||
      chosen.version.header !== draft.fields.header ||
      chosen.version.footer !== draft.fields.footer);
  return (
    <Select
      label={t("composer.template.label")}
      placeholder={t(approvedOnly ? "composer.template.pick" : "composer.template.none")}
      data={choices.map(({ value, label }) => ({ value, label }))}
      value={draft.fields.template_version_id}
      onChange={draft.chooseTemplate}
      clearable={!approvedOnly}
      searchable={choices.length > 8}
      description={changed && draft.state === "saved" ? t("composer.template.changed") : undefined}
      inputWrapperOrder={["label", "input", "description"]}
    />
  );
}
