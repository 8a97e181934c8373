import { Select } from "@mantine/core";
import { IconColumns } from "@tabler/icons-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { ImportView } from "@/api/imports";
import { type Column, DataTable } from "@/ui/data_table";
import { Section } from "@/ui/page_header";
import { EmptyState } from "@/ui/states";
import { Tag } from "@/ui/status_pill";
import { useAttributes } from "./audience";
import { attributeChoices, chosenTarget, FIELD_TARGETS, IGNORED } from "./import_options";
import importClasses from "./imports.module.css";

type ColumnView = NonNullable<ImportView["preview"]>["columns"][number];

type Props = {
  preview: NonNullable<ImportView["preview"]>;
  mapping: Record<string, string>;
  onChange: ((mapping: Record<string, string>) => void) | null;
};

/** Each column of the file, what stands in it, and what it becomes. */
export function ImportColumns({ preview, mapping, onChange }: Props) {
  const { t } = useTranslation();
  const attributes = useAttributes();
  const columns = useMemo<Column<ColumnView>[]>(
    () => [
      { id: "column", header: t("imports.column"), primary: true, cell: (row) => row.column },
      {
        id: "samples",
        header: t("imports.samples"),
        cell: (row) => (
          <span className={importClasses.samples}>
            {row.samples.join(", ") || t("imports.blank")}
          </span>
        ),
      },
      {
        id: "target",
        header: t("imports.goes_to"),
        width: 330,
        cell: ({ column, target, is_guess }) => {
          const current = mapping[column] ?? target;
          const made = attributeChoices(column, current, attributes, (label) =>
            t("imports.new_attribute", { label }),
          );
          return (
            <span className={importClasses.target}>
              <Select
                aria-label={t("imports.target_of", { column })}
                data={[
                  { value: IGNORED, label: t("imports.target_ignore") },
                  {
                    group: t("imports.fields"),
                    items: FIELD_TARGETS.map((value) => ({
                      value,
                      label: t(`imports.target_${value}`),
                    })),
                  },
                  { group: t("audience.attributes"), items: made },
                ]}
                value={chosenTarget(current, made)}
                allowDeselect={false}
                searchable
                disabled={onChange === null}
                onChange={(value) => {
                  if (value !== null) onChange?.({ ...mapping, [column]: value });
                }}
              />
              {is_guess && current === target && current !== IGNORED && (
                <Tag tone="info">{t("imports.guess")}</Tag>
              )}
            </span>
          );
        },
      },
    ],
    [t, attributes, mapping, onChange],
  );
  return (
    <Section
      title={t("imports.columns")}
      aside={t("imports.read_as", {
        encoding: preview.encoding,
        delimiter: shownDelimiter(preview.delimiter),
      })}
      flush
    >
      <DataTable
        label={t("imports.columns")}
        columns={columns}
        rows={preview.columns}
        rowId={(row) => row.column}
        rowLabel={(row) => row.column}
        empty={<EmptyState icon={IconColumns} title={t("imports.no_columns")} />}
      />
    </Section>
  );
}

function shownDelimiter(delimiter: string): string {
  return delimiter === "\t" ? "Tab" : delimiter;
}
