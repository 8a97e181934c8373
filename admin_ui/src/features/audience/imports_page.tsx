import { Button } from "@mantine/core";
import { IconFileImport, IconPlus } from "@tabler/icons-react";
import { Link, useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import type { ImportView } from "@/api/imports";
import { usePages } from "@/api/use_pages";
import { type Column, DataTable } from "@/ui/data_table";
import { formatInteger } from "@/ui/format";
import { Kbd } from "@/ui/kbd";
import { PageHeader, Section } from "@/ui/page_header";
import { RelativeTime } from "@/ui/relative_time";
import { useShortcuts } from "@/ui/shortcuts";
import { EmptyState } from "@/ui/states";
import { IMPORTS, ROWS_PER_PAGE, useAudienceRights } from "./audience";
import { ImportStatePill } from "./import_state";

export function ImportsPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const rights = useAudienceRights();
  const columns = useColumns();
  const page = usePages<ImportView>(IMPORTS, {}, ({ cursor, signal }) =>
    client.GET("/v1/imports", { params: { query: { cursor, limit: ROWS_PER_PAGE } }, signal }),
  );
  useShortcuts([
    {
      keys: "n",
      label: t("imports.new"),
      disabled: !rights.add,
      run: () => void navigate({ to: "/imports/new" }),
    },
  ]);
  const add = rights.add && (
    <Button
      component={Link}
      to="/imports/new"
      leftSection={<IconPlus size={16} aria-hidden />}
      rightSection={<Kbd keys="n" />}
      aria-keyshortcuts="n"
    >
      {t("imports.new")}
    </Button>
  );
  return (
    <>
      <PageHeader title={t("imports.title")} actions={add} />
      <Section flush>
        <DataTable
          {...page}
          label={t("imports.title")}
          columns={columns}
          rowId={(row) => row.id}
          rowLabel={(row) => row.file_name}
          onOpen={({ id }) => void navigate({ to: "/imports/$importId", params: { importId: id } })}
          keys
          empty={
            <EmptyState icon={IconFileImport} title={t("imports.empty")} action={add}>
              {t("imports.empty_text")}
            </EmptyState>
          }
        />
      </Section>
    </>
  );
}

function useColumns(): Column<ImportView>[] {
  const { t, i18n } = useTranslation();
  return useMemo(() => {
    const count = (value: number | null) =>
      value === null ? "–" : formatInteger(value, i18n.language);
    return [
      { id: "file", header: t("imports.file"), primary: true, cell: (row) => row.file_name },
      {
        id: "state",
        header: t("imports.state"),
        cell: (row) => <ImportStatePill state={row.state} />,
      },
      {
        id: "read",
        header: t("imports.rows_read"),
        align: "end",
        cell: (row) => count(row.rows_read),
      },
      {
        id: "ready",
        header: t("imports.ready"),
        align: "end",
        cell: (row) => count(row.rows_ready),
      },
      {
        id: "refused",
        header: t("imports.refused"),
        align: "end",
        cell: (row) => count(row.rows_refused),
      },
      {
        id: "at",
        header: t("imports.uploaded"),
        align: "end",
        cell: (row) => <RelativeTime at={row.created_at} />,
      },
    ];
  }, [t, i18n.language]);
}
