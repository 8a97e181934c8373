import { Button, Group, Textarea } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import classes from "./confirm_dialog.module.css";
import { Dialog } from "./dialog";
import { ErrorState } from "./states";

type Props = {
  title: string;
  /** What it does, before it is done. */
  text: string;
  label: string;
  example?: string;
  /** The verb itself. */
  confirm: string;
  danger?: boolean;
  /** What else is asked, above the reason. */
  extra?: ReactNode;
  pending: boolean;
  error: unknown;
  onClose: () => void;
  onConfirm: (reason: string) => void;
};

const REASON_CHARACTERS_MAX = 500;

/** An act of our people on somebody else's work: never without saying why. */
export function ReasonDialog(props: Props) {
  const { t } = useTranslation();
  const [reason, setReason] = useState("");
  const given = reason.trim();
  return (
    <Dialog onClose={props.onClose} title={props.title}>
      <form
        className={classes.body}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (given !== "") props.onConfirm(given);
        }}
      >
        <p>{props.text}</p>
        {props.extra}
        <Textarea
          label={props.label}
          placeholder={props.example}
          autosize
          minRows={2}
          maxLength={REASON_CHARACTERS_MAX}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          data-autofocus
          required
        />
        {props.error !== null && props.error !== undefined && (
          <div className={classes.error}>
            <ErrorState error={props.error} compact />
          </div>
        )}
        <Group justify="flex-end" mt="lg" gap="xs">
          <Button variant="default" onClick={props.onClose} disabled={props.pending}>
            {t("confirm.cancel")}
          </Button>
          <Button
            type="submit"
            loading={props.pending}
            disabled={given === ""}
            data-tone={props.danger ? "bad" : undefined}
          >
            {props.confirm}
          </Button>
        </Group>
      </form>
    </Dialog>
  );
}
