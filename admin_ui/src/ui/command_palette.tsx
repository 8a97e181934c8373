import { Spotlight, spotlight } from "@mantine/spotlight";
import { IconSearch, type TablerIcon } from "@tabler/icons-react";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import classes from "./command_palette.module.css";
import { Kbd } from "./kbd";
import { useShortcutRegistry } from "./shortcuts";

export type Command = {
  id: string;
  label: string;
  group: string;
  icon?: TablerIcon;
  keywords?: string[];
  /** Printed at the right, so that the palette teaches the keys. */
  keys?: string;
  run: () => void;
};

type Commands = { add: (commands: readonly Command[]) => () => void };

const CommandContext = createContext<Commands | null>(null);

function actionOf(command: Command) {
  const Icon = command.icon;
  return {
    id: command.id,
    label: command.label,
    keywords: command.keywords,
    leftSection: Icon && <Icon size={17} aria-hidden />,
    rightSection: command.keys && (
      <span className={classes.keys}>
        {command.keys.split(" ").map((key) => (
          <Kbd key={key} keys={key} />
        ))}
      </span>
    ),
    onClick: command.run,
  };
}

/** Ctrl/Cmd+K anywhere; the shell gives the pages, each page adds its own verbs while it is open. */
export function CommandPalette({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const registry = useShortcutRegistry();
  const [sets, setSets] = useState<readonly (readonly Command[])[]>([]);
  const [pageKeys, setPageKeys] = useState<readonly Command[]>([]);
  const commands = useMemo<Commands>(
    () => ({
      add(added) {
        setSets((current) => [...current, added]);
        return () => setSets((current) => current.filter((set) => set !== added));
      },
    }),
    [],
  );

  function collectPageKeys() {
    const shortcuts = registry.list().filter((s) => !s.keys.includes(" ") && !s.disabled);
    setPageKeys(
      shortcuts.map(({ keys, label, run }) => ({
        id: `key ${keys}`,
        label,
        group: t("palette.this_page"),
        keys,
        run,
      })),
    );
  }

  const groups = Map.groupBy([...sets.flat(), ...pageKeys], (command) => command.group);
  const actions = [...groups].map(([group, members]) => ({
    group,
    actions: members.map(actionOf),
  }));
  return (
    <CommandContext value={commands}>
      {children}
      <Spotlight
        actions={actions}
        shortcut={["mod + K"]}
        triggerOnContentEditable
        tagsToIgnore={[]}
        onSpotlightOpen={collectPageKeys}
        highlightQuery
        scrollable
        maxHeight={420}
        nothingFound={t("palette.nothing")}
        searchProps={{
          leftSection: <IconSearch size={18} aria-hidden />,
          placeholder: t("palette.placeholder"),
          "aria-label": t("palette.placeholder"),
        }}
        classNames={{ content: classes.content, action: classes.action, search: classes.search }}
      />
    </CommandContext>
  );
}

export const openCommandPalette = spotlight.open;

/** `commands` must be stable (a memo). */
export function useCommands(commands: readonly Command[]): void {
  const context = useContext(CommandContext);
  if (context === null) throw new Error("CommandPalette is missing above this component");
  useEffect(() => context.add(commands), [context, commands]);
}
