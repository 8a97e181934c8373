import { Button } from "@mantine/core";
import { IconBan, IconPlus } from "@tabler/icons-react";
import { getRouteApi } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "@/api/client";
import { usePages } from "@/api/use_pages";
import { type Column, DataTable } from "@/ui/data_table";
import { Kbd } from "@/ui/kbd";
import { PageHeader, Section } from "@/ui/page_header";
import { RelativeTime } from "@/ui/relative_time";
import { SearchInput } from "@/ui/search_input";
import { useShortcuts } from "@/ui/shortcuts";
import { EmptyState } from "@/ui/states";
import { Tag } from "@/ui/status_pill";
import { Toolbar } from "@/ui/toolbar";
import { OPT_OUTS, type OptOut, ROWS_PER_PAGE, useAudienceRights } from "./audience";
import { OptOutDialog } from "./opt_out_dialog";

const route = getRouteApi("/shell/opt-outs");

export function OptOutsPage() {
  const { t } = useTranslation();
  const { q = "" } = route.useSearch();
  const navigate = route.useNavigate();
  const rights = useAudienceRights();
  const [recording, setRecording] = useState(false);
  const page = usePages<OptOut>(OPT_OUTS, { q }, ({ cursor, signal }) =>
    client.GET("/v1/opt-outs", {
      params: { query: { phone: q || undefined, cursor, limit: ROWS_PER_PAGE } },
      signal,
    }),
  );
  const search = useCallback(
    (text: string) => void navigate({ search: { q: text || undefined }, replace: true }),
    [navigate],
  );
  useShortcuts([
    {
      keys: "n",
      label: t("opt_outs.record"),
      disabled: !rights.add,
      run: () => setRecording(true),
    },
  ]);
  const columns = useMemo<Column<OptOut>[]>(
    () => [
      {
        id: "phone",
        header: t("audience.phone"),
        primary: true,
        cell: (row) => <span className="mono nowrap">{row.phone}</span>,
      },
      {
        id: "source",
        header: t("opt_outs.source"),
        cell: (row) => <Tag>{t(`opt_outs.source_${row.source}`)}</Tag>,
      },
      { id: "evidence", header: t("opt_outs.evidence"), cell: (row) => row.evidence },
      {
        id: "sender",
        header: t("opt_outs.sender"),
        cell: (row) => row.sender || t("opt_outs.every_sender"),
      },
      {
        id: "at",
        header: t("opt_outs.at"),
        align: "end",
        cell: (row) => <RelativeTime at={row.at} />,
      },
    ],
    [t],
  );
  return (
    <>
      <PageHeader
        title={t("opt_outs.title")}
        actions={
          rights.add && (
            <Button
              leftSection={<IconPlus size={16} aria-hidden />}
              rightSection={<Kbd keys="n" />}
              aria-keyshortcuts="n"
              onClick={() => setRecording(true)}
            >
              {t("opt_outs.record")}
            </Button>
          )
        }
      />
      <Section flush>
        <Toolbar>
          <SearchInput label={t("opt_outs.search")} value={q} onChange={search} />
        </Toolbar>
        <DataTable
          {...page}
          label={t("opt_outs.title")}
          columns={columns}
          rowId={(row) => row.id}
          rowLabel={(row) => row.phone}
          keys
          empty={
            <EmptyState
              icon={IconBan}
              title={q === "" ? t("opt_outs.empty") : t("opt_outs.not_found")}
            >
              {q === "" ? t("opt_outs.empty_text") : t("opt_outs.not_found_text")}
            </EmptyState>
          }
        />
      </Section>
      {recording && <OptOutDialog onClose={() => setRecording(false)} />}
    </>
  );
}
