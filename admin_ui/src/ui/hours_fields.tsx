import { ActionIcon, Button, Chip, NumberInput, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { dayNames, EVERY_DAY, type SendingHours, type SendingRules, type TimeSpan } from "./hours";
import classes from "./hours_fields.module.css";

const SPANS_MAX = 14;
const CAPS_MAX = 3;
const NIGHT: TimeSpan = { days: [...EVERY_DAY], starts: "21:00", ends: "08:00" };
const OFFICE: TimeSpan = { days: [1, 2, 3, 4, 5], starts: "09:00", ends: "17:00" };

type HoursProps<H extends SendingHours> = { value: H; onChange: (value: H) => void };

/** Quiet hours and send windows, on the clock of whoever is written to. */
export function HoursFields<H extends SendingHours>({ value, onChange }: HoursProps<H>) {
  const { t } = useTranslation("targeting");
  return (
    <>
      <SpanFields
        title={t("hours.quiet")}
        hint={t("hours.quiet_hint")}
        add={t("hours.quiet_add")}
        fresh={NIGHT}
        value={value.quiet_hours}
        onChange={(quiet_hours) => onChange({ ...value, quiet_hours })}
      />
      <SpanFields
        title={t("hours.windows")}
        hint={t("hours.windows_hint")}
        add={t("hours.windows_add")}
        fresh={OFFICE}
        value={value.send_windows}
        onChange={(send_windows) => onChange({ ...value, send_windows })}
      />
    </>
  );
}

/** Hours, and how often one number may be written to. */
export function SendingFields({ value, onChange }: HoursProps<SendingRules>) {
  const { t } = useTranslation("targeting");
  const caps = value.frequency_caps;
  const set = (frequency_caps: SendingRules["frequency_caps"]) =>
    onChange({ ...value, frequency_caps });
  return (
    <>
      <HoursFields value={value} onChange={onChange} />
      <Part title={t("caps.title")} hint={t("caps.hint")}>
        {caps.map((cap, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: caps have no name and never reorder
          <div key={at} className={classes.line}>
            <span>{t("caps.at_most")}</span>
            <NumberInput
              w={100}
              min={1}
              max={1000}
              aria-label={t("caps.messages")}
              value={cap.messages}
              onChange={(messages) =>
                set(caps.with(at, { ...cap, messages: Number(messages) || 1 }))
              }
            />
            <span>{t("caps.messages_in")}</span>
            <NumberInput
              w={90}
              min={1}
              max={90}
              aria-label={t("caps.days")}
              value={cap.days}
              onChange={(days) => set(caps.with(at, { ...cap, days: Number(days) || 1 }))}
            />
            <span>{t("caps.days")}</span>
            <Remove label={t("caps.remove")} onClick={() => set(caps.toSpliced(at, 1))} />
          </div>
        ))}
        {caps.length < CAPS_MAX && (
          <Add label={t("caps.add")} onClick={() => set([...caps, { messages: 3, days: 7 }])} />
        )}
      </Part>
    </>
  );
}

type SpanProps = {
  title?: string;
  hint?: string;
  add: string;
  fresh: TimeSpan;
  value: readonly TimeSpan[];
  onChange: (value: TimeSpan[]) => void;
};

export function SpanFields({ title, hint, add, fresh, value, onChange }: SpanProps) {
  const { t, i18n } = useTranslation("targeting");
  const names = dayNames(i18n.language);
  const long = dayNames(i18n.language, "long");
  return (
    <Part title={title} hint={hint}>
      {value.map((span, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: spans have no name and never reorder
        <div key={at} className={classes.span}>
          <Chip.Group
            multiple
            value={span.days.map(String)}
            onChange={(days) =>
              days.length > 0 &&
              onChange(value.with(at, { ...span, days: days.map(Number).sort((a, b) => a - b) }))
            }
          >
            <fieldset className={classes.days} aria-label={t("hours.days")}>
              {EVERY_DAY.map((day) => (
                <Chip key={day} size="xs" value={String(day)} title={long[day - 1]}>
                  {names[day - 1]}
                </Chip>
              ))}
            </fieldset>
          </Chip.Group>
          <div className={classes.line}>
            {(["starts", "ends"] as const).map((edge) => (
              <TextInput
                key={edge}
                type="time"
                w={136}
                aria-label={t(`hours.${edge}`)}
                value={span[edge]}
                onChange={(event) => {
                  const clock = event.currentTarget.value;
                  if (clock !== "") onChange(value.with(at, { ...span, [edge]: clock }));
                }}
              />
            ))}
            <span className={classes.quiet}>
              {span.ends <= span.starts &&
                t(span.ends === span.starts ? "hours.all_day" : "hours.next_day")}
            </span>
            <Remove label={t("hours.remove")} onClick={() => onChange(value.toSpliced(at, 1))} />
          </div>
        </div>
      ))}
      {value.length < SPANS_MAX && (
        <Add label={add} onClick={() => onChange([...value, { ...fresh }])} />
      )}
    </Part>
  );
}

type PartProps = { title?: string; hint?: string; children: ReactNode };

function Part({ title, hint, children }: PartProps) {
  return (
    <fieldset className={classes.part}>
      {title !== undefined && <legend>{title}</legend>}
      {hint !== undefined && <p className={classes.quiet}>{hint}</p>}
      {children}
    </fieldset>
  );
}

function Add({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <Button
      size="compact-sm"
      variant="default"
      className={classes.add}
      leftSection={<IconPlus size={14} aria-hidden />}
      onClick={onClick}
    >
      {label}
    </Button>
  );
}

function Remove({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <ActionIcon variant="subtle" color="gray" aria-label={label} onClick={onClick}>
      <IconTrash size={16} aria-hidden />
    </ActionIcon>
  );
}
