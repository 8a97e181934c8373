import { Button, Checkbox, Group } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import classes from "./confirm_dialog.module.css";
import { Dialog } from "./dialog";
import { ErrorState } from "./states";

type Props = {
  opened: boolean;
  onClose: () => void;
  onConfirm: () => void;
  title: string;
  /** The consequences in figures: "28,914 already have it, 16,641 will wait". */
  children: ReactNode;
  /** The verb itself ("Stop sending"), never "OK". */
  confirm: string;
  danger?: boolean;
  /** A sentence to tick first, where the act spends credits or cannot be undone. */
  consent?: string;
  pending?: boolean;
  error?: unknown;
};

/** The separate, explicit step before anything that is sent, paid or lost. */
export function ConfirmDialog(props: Props) {
  const { t } = useTranslation();
  const { opened, onClose, onConfirm, title, children, confirm, danger, consent } = props;
  const pending = props.pending ?? false;
  const [agreed, setAgreed] = useState(false);
  const ready = consent === undefined || agreed;
  function close() {
    if (pending) return;
    setAgreed(false);
    onClose();
  }
  if (!opened) return null;
  return (
    <Dialog onClose={close} title={title}>
      <div className={classes.body}>{children}</div>
      {consent !== undefined && (
        <Checkbox
          mt="md"
          label={consent}
          checked={agreed}
          onChange={(event) => setAgreed(event.currentTarget.checked)}
        />
      )}
      {props.error !== undefined && props.error !== null && (
        <div className={classes.error}>
          <ErrorState error={props.error} compact />
        </div>
      )}
      <Group justify="flex-end" mt="lg" gap="xs">
        <Button variant="default" onClick={close} disabled={pending} data-autofocus>
          {t("confirm.cancel")}
        </Button>
        <Button
          onClick={onConfirm}
          loading={pending}
          disabled={!ready}
          title={ready ? undefined : t("confirm.tick_first")}
          data-tone={danger ? "bad" : undefined}
        >
          {confirm}
        </Button>
      </Group>
    </Dialog>
  );
}
