import { ActionIcon, Button, NumberInput, type NumberInputProps, Textarea } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import type { ComponentProps, ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ErrorState } from "@/ui/states";
import classes from "./finance.module.css";

const REASON_CHARACTERS_MAX = 500;

/** Every act upon money says why; the second person reads it. */
export function ReasonField(props: ComponentProps<typeof Textarea>) {
  const { t } = useTranslation("finance");
  return (
    <Textarea
      label={t("reason")}
      autosize
      minRows={2}
      maxLength={REASON_CHARACTERS_MAX}
      {...props}
    />
  );
}

/** Whole credits, read by threes. */
export function CreditsField(props: NumberInputProps) {
  return (
    <NumberInput
      className={classes.numeric}
      min={1}
      allowDecimal={false}
      allowNegative={false}
      thousandSeparator=" "
      hideControls
      {...props}
    />
  );
}

type EndProps = {
  verb: string;
  pending: boolean;
  error: unknown;
  onClose: () => void;
};

/** How each of these forms ends: what went wrong, the way out, and the act. */
export function FormEnd({ verb, pending, error, onClose }: EndProps) {
  const { t } = useTranslation();
  return (
    <>
      {error !== null && <ErrorState error={error} compact />}
      <div className={classes.actions}>
        <Button variant="default" onClick={onClose}>
          {t("confirm.cancel")}
        </Button>
        <Button type="submit" loading={pending}>
          {verb}
        </Button>
      </div>
    </>
  );
}

type RowsProps = {
  legend: string;
  count: number;
  most: number;
  /** The fields of the row at this place. */
  fields: (at: number) => ReactNode;
  rowClass: string | undefined;
  add: string;
  onAdd: () => void;
  onRemove: (at: number) => void;
  error?: ReactNode;
};

/** Rows one adds and takes away: the tiers of a tariff, the changes of a price list. */
export function FormRows(props: RowsProps) {
  const { legend, count, most, fields, rowClass, add, onAdd, onRemove, error } = props;
  const { t } = useTranslation("finance");
  return (
    <fieldset className={classes.tiers}>
      <legend>{legend}</legend>
      {Array.from({ length: count }, (_, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place in the list
        <div key={at} className={rowClass}>
          {fields(at)}
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={t("prices.remove_tier", { number: at + 1 })}
            disabled={count === 1}
            onClick={() => onRemove(at)}
          >
            <IconTrash size={16} aria-hidden />
          </ActionIcon>
        </div>
      ))}
      {error !== undefined && <p role="alert">{error}</p>}
      <Button
        variant="default"
        size="compact-sm"
        leftSection={<IconPlus size={14} aria-hidden />}
        disabled={count >= most}
        onClick={onAdd}
      >
        {add}
      </Button>
    </fieldset>
  );
}
