import { Button } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ReasonDialog } from "@/ui/reason_dialog";
import classes from "./lead_pages.module.css";

type Props = {
  isChanged: boolean;
  pending: boolean;
  error: unknown;
  onDiscard: () => void;
  onReset: () => void;
  /** With what is new, for whoever reads the versions later. */
  onSave: (note: string, done: () => void) => void;
};

/** Nothing of a rule book changes without a word on why. */
export function SaveBar({ isChanged, pending, error, onDiscard, onReset, onSave }: Props) {
  const { t } = useTranslation("lead");
  const [asked, setAsked] = useState(false);
  if (!isChanged) return null;
  return (
    <div className={classes.save} role="status">
      <span>{t("save.unsaved")}</span>
      <Button variant="default" onClick={onDiscard}>
        {t("save.discard")}
      </Button>
      <Button onClick={() => setAsked(true)}>{t("save.verb")}</Button>
      {asked && (
        <ReasonDialog
          title={t("save.title")}
          text={t("save.text")}
          label={t("save.note")}
          confirm={t("save.verb")}
          pending={pending}
          error={error}
          onClose={() => {
            setAsked(false);
            onReset();
          }}
          onConfirm={(note) => onSave(note, () => setAsked(false))}
        />
      )}
    </div>
  );
}
