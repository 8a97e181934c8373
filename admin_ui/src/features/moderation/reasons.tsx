import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Kbd } from "@/ui/kbd";
import classes from "./decision_bar.module.css";
import type { Clause, ReasonCode } from "./queries";
import { reasonName } from "./reason_names";

export const REASON_KEYS = 9;

type Props = {
  reasons: readonly ReasonCode[];
  chosen: string | null;
  onChoose: (code: string) => void;
};

/** The reasons of the Code of Conduct. */
export function Reasons({ reasons, chosen, onChoose }: Props) {
  const { t, i18n } = useTranslation();
  return (
    <fieldset>
      <legend>{t("desk_page.reason")}</legend>
      {reasons.map(({ code, tenant_text }, index) => (
        <Button
          key={code}
          variant={code === chosen ? "light" : "default"}
          size="compact-xs"
          aria-pressed={code === chosen}
          title={tenant_text}
          leftSection={index < REASON_KEYS ? <Kbd keys={String(index + 1)} /> : undefined}
          onClick={() => onChoose(code)}
        >
          {reasonName(code, reasons, i18n)}
        </Button>
      ))}
    </fieldset>
  );
}

type ChosenProps = {
  reason: ReasonCode | undefined;
  clauses: readonly Clause[];
  onUseFix: (fix: string) => void;
};

/** What the company will read of the chosen one. */
export function ChosenReason({ reason, clauses, onUseFix }: ChosenProps) {
  const { t: said } = useTranslation("moderation");
  if (reason === undefined) return null;
  const clause = clauses.find(({ id }) => id === reason.clause);
  return (
    <p className={classes.fix} aria-live="polite">
      {clause !== undefined && (
        <strong>
          {said("reason.clause", { id: clause.id })} {clause.title}
        </strong>
      )}{" "}
      {reason.tenant_text} <em>{reason.suggested_fix}</em>{" "}
      <Button
        size="compact-xs"
        variant="subtle"
        leftSection={<IconPlus size={13} />}
        onClick={() => onUseFix(reason.suggested_fix)}
      >
        {said("reason.use_fix")}
      </Button>
    </p>
  );
}
