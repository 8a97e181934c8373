import { Modal, Switch } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Kbd } from "./kbd";
import classes from "./shortcut_help.module.css";
import { type Shortcut, useShortcutRegistry, useShortcuts } from "./shortcuts";

/** The "?" list: what the page and the shell answer to now, and the switch that turns it all off. */
export function ShortcutHelp() {
  const { t } = useTranslation();
  const registry = useShortcutRegistry();
  const [shown, setShown] = useState<readonly Shortcut[] | null>(null);
  // One key may be another control's a moment later: only what it does now is said.
  const show = () => setShown(registry.list().filter(({ disabled }) => !disabled));
  useShortcuts([{ keys: "?", label: t("shortcuts.title"), run: show }]);
  return (
    <Modal opened={shown !== null} onClose={() => setShown(null)} title={t("shortcuts.title")}>
      <dl className={classes.list}>
        <div>
          <dt>{t("palette.title")}</dt>
          <dd>
            <Kbd keys="mod+k" />
          </dd>
        </div>
        {shown?.map((shortcut) => (
          <div key={shortcut.keys + shortcut.label}>
            <dt>{shortcut.label}</dt>
            <dd>
              {shortcut.keys.split(" ").map((key) => (
                <Kbd key={key} keys={key} />
              ))}
            </dd>
          </div>
        ))}
      </dl>
      <Switch
        mt="md"
        label={t("shortcuts.single_keys")}
        description={t("shortcuts.single_keys_hint")}
        checked={registry.enabled}
        onChange={(event) => registry.setEnabled(event.currentTarget.checked)}
      />
    </Modal>
  );
}
