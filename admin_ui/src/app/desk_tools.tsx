import "@mantine/core/styles.layer.css";
import "@mantine/notifications/styles.layer.css";
import "@mantine/spotlight/styles.layer.css";
import "@fontsource-variable/jetbrains-mono/index.css";
import { lazy, type ReactNode, Suspense } from "react";
import { CommandPalette } from "@/ui/command_palette";
import { Notices } from "@/ui/notices";
import { ShortcutHelp } from "@/ui/shortcut_help";

const StepUpHost = lazy(async () => ({
  default: (await import("@/features/identity/step_up_host")).StepUpHost,
}));

/** What every desk has at hand; loaded with the first desk, so the login page stays light. */
export function DeskTools({ children }: { children: ReactNode }) {
  return (
    <CommandPalette>
      <Notices />
      {children}
      <ShortcutHelp />
      <Suspense>
        <StepUpHost />
      </Suspense>
    </CommandPalette>
  );
}
