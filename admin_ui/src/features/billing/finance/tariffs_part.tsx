import { Button } from "@mantine/core";
import { IconPlus, IconTags } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Column, DataTable } from "@/ui/data_table";
import { SidePanel } from "@/ui/dialog";
import { Facts } from "@/ui/facts";
import { formatPlanned } from "@/ui/format";
import { Section } from "@/ui/page_header";
import { EmptyState } from "@/ui/states";
import { StatusPill } from "@/ui/status_pill";
import { Actor, Entry } from "./cells";
import type { Tariff } from "./finance";
import classes from "./finance.module.css";
import { PendingTariffs, useTariffs } from "./pending_tariffs";
import { TariffDialog } from "./tariff_dialog";
import { FirstTier, TierTable } from "./tier_table";

/** Every version that ever was: a purchase keeps the one it was made with. */
export function TariffsPart() {
  const { t, i18n } = useTranslation("finance");
  const page = useTariffs();
  const [opened, setOpened] = useState<Tariff | null>(null);
  const [proposing, setProposing] = useState(false);
  const columns = useMemo<Column<Tariff>[]>(
    () => [
      {
        id: "version",
        header: t("prices.version"),
        primary: true,
        cell: (row) => (
          <Entry title={t("prices.tariff_version", { version: row.version })}>{row.reason}</Entry>
        ),
      },
      { id: "state", header: t("state"), cell: (row) => <TariffPill tariff={row} /> },
      { id: "currency", header: t("prices.currency"), cell: (row) => row.currency },
      {
        id: "from",
        header: t("prices.from"),
        cell: (row) => formatPlanned(new Date(row.effective_from), i18n.language),
      },
      {
        id: "price",
        header: t("prices.per_credit"),
        align: "end",
        cell: (row) => <FirstTier tariff={row} />,
      },
    ],
    [t, i18n.language],
  );
  return (
    <div className={classes.stack}>
      <PendingTariffs />
      <Section
        title={t("prices.versions")}
        aside={
          <Button
            size="compact-sm"
            leftSection={<IconPlus size={14} aria-hidden />}
            onClick={() => setProposing(true)}
          >
            {t("prices.propose")}
          </Button>
        }
        flush
      >
        <DataTable
          {...page}
          label={t("prices.versions")}
          columns={columns}
          rowId={(row) => String(row.version)}
          rowLabel={(row) => String(row.version)}
          keys
          onOpen={setOpened}
          empty={
            <EmptyState icon={IconTags} title={t("prices.none")}>
              {t("prices.none_text")}
            </EmptyState>
          }
        />
      </Section>
      {opened !== null && (
        <SidePanel
          opened
          title={t("prices.tariff_version", { version: opened.version })}
          onClose={() => setOpened(null)}
        >
          <TierTable tariff={opened} />
          <Facts
            facts={[
              { label: t("entered"), value: <Actor actor={opened.created_by} /> },
              {
                label: t("second_person"),
                value: opened.approved_by === null ? null : <Actor actor={opened.approved_by} />,
              },
              { label: t("reason"), value: opened.reason },
            ]}
          />
        </SidePanel>
      )}
      {proposing && (
        <TariffDialog
          before={page.rows?.find((row) => row.is_in_force)}
          onClose={() => setProposing(false)}
        />
      )}
    </div>
  );
}

function TariffPill({ tariff }: { tariff: Tariff }) {
  const { t } = useTranslation("finance");
  if (tariff.is_in_force) return <StatusPill tone="ok">{t("prices.in_force")}</StatusPill>;
  if (tariff.state === "proposed") {
    return (
      <StatusPill tone="warn" icon="waiting">
        {t("prices.proposed")}
      </StatusPill>
    );
  }
  if (tariff.state === "withdrawn") {
    return (
      <StatusPill tone="idle" icon="failed">
        {t("prices.withdrawn")}
      </StatusPill>
    );
  }
  const isComing = new Date(tariff.effective_from) > new Date();
  return (
    <StatusPill tone={isComing ? "info" : "idle"} icon={isComing ? "waiting" : "done"}>
      {t(isComing ? "prices.coming" : "prices.past")}
    </StatusPill>
  );
}
