import { ActionIcon, Button, NumberInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, client } from "@/api/client";
import { present } from "@/api/present";
import { useSession } from "@/api/session";
import { useIntent } from "@/api/use_intent";
import { useRefresh } from "@/api/use_pages";
import { Section } from "@/ui/page_header";
import { ErrorState } from "@/ui/states";
import { levelsOf } from "./notice_words";
import classes from "./notices.module.css";

const LEVELS_MAX = 5;
const KEEPERS = new Set(["owner", "manager", "billing"]);

/** Only for those who may set them: as the authorization table of the API says it. */
export function BalanceWarnings() {
  const session = useSession();
  const mayKeep = KEEPERS.has(session?.member_role ?? "");
  const { data, error, refetch } = api.useQuery(
    "get",
    "/v1/balance-warnings",
    {},
    { enabled: mayKeep },
  );
  if (!mayKeep) return null;
  if (error !== null) return <ErrorState error={error} onRetry={() => void refetch()} />;
  return data === undefined ? null : <Levels key={data.levels.join()} saved={data.levels} />;
}

type Row = { id: number; level: number | string };

function Levels({ saved }: { saved: readonly number[] }) {
  const { t } = useTranslation("notices");
  const refresh = useRefresh();
  const [rows, setRows] = useState<Row[]>(() => saved.map((level, id) => ({ id, level })));
  const saving = useIntent(
    async (levels: number[], headers) =>
      present(await client.PUT("/v1/balance-warnings", { body: { levels }, headers })),
    { onSuccess: () => refresh("/v1/balance-warnings") },
  );
  const levels = levelsOf(rows.map(({ level }) => level));
  const isChanged = levels.join() !== saved.join();
  return (
    <Section title={t("warnings.title")}>
      <p className={classes.hint}>{t("warnings.hint")}</p>
      {rows.length === 0 && <p>{t("warnings.none")}</p>}
      {rows.map(({ id, level }, index) => (
        <div key={id} className={classes.level}>
          <NumberInput
            label={t("warnings.level")}
            aria-label={t("warnings.level_number", { number: index + 1 })}
            suffix={` ${t("warnings.credits")}`}
            thousandSeparator
            min={1}
            max={1_000_000_000}
            allowDecimal={false}
            value={level}
            onChange={(typed) =>
              setRows(rows.map((row) => (row.id === id ? { id, level: typed } : row)))
            }
          />
          <ActionIcon
            variant="default"
            size="lg"
            aria-label={t("warnings.remove")}
            onClick={() => setRows(rows.filter((row) => row.id !== id))}
          >
            <IconTrash size={16} aria-hidden />
          </ActionIcon>
        </div>
      ))}
      <div className={classes.actions}>
        {rows.length < LEVELS_MAX && (
          <Button
            variant="default"
            leftSection={<IconPlus size={16} aria-hidden />}
            onClick={() =>
              setRows([...rows, { id: Math.max(-1, ...rows.map(({ id }) => id)) + 1, level: "" }])
            }
          >
            {t("warnings.add")}
          </Button>
        )}
        <Button
          disabled={!isChanged}
          loading={saving.isPending}
          onClick={() => saving.mutate(levels)}
        >
          {t("warnings.save")}
        </Button>
        <span aria-live="polite">{saving.isSuccess && !isChanged ? t("warnings.saved") : ""}</span>
      </div>
      {saving.isError && <ErrorState error={saving.error} compact />}
    </Section>
  );
}
