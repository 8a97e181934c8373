import { Button, Menu } from "@mantine/core";
import { IconBraces } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { attributesQuery } from "./queries";

// What every subscriber has a place for, beside the company's own attributes.
const BUILT_IN = ["name", "email", "external_id", "language"] as const;

type Props = { disabled: boolean; onInsert: (text: string) => void };

/** `[name]` leaves out who lacks it; the Liquid form says something else instead. */
export function FieldMenu({ disabled, onInsert }: Props) {
  const { t } = useTranslation();
  const attributes = useQuery(attributesQuery);
  const fields = [
    ...BUILT_IN.map((name) => ({ name, label: t(`composer.field.${name}`) })),
    ...(attributes.data ?? []).map(({ name, label }) => ({ name, label: label || name })),
  ];
  const fallback = t("composer.field.fallback_word");
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <Button
          variant="default"
          size="compact-md"
          disabled={disabled}
          leftSection={<IconBraces size={15} />}
        >
          {t("composer.field.insert")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={320} style={{ overflowY: "auto" }}>
        <Menu.Label>{t("composer.field.required")}</Menu.Label>
        {fields.map(({ name, label }) => (
          <Menu.Item key={name} onClick={() => onInsert(`[${name}]`)}>
            {label} <span className="mono">[{name}]</span>
          </Menu.Item>
        ))}
        <Menu.Label>{t("composer.field.optional")}</Menu.Label>
        {fields.map(({ name, label }) => (
          <Menu.Item
            key={name}
            onClick={() => onInsert(`{{ ${name.replaceAll(" ", "_")} | default: "${fallback}" }}`)}
          >
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
