import "@mantine/core/styles.layer.css";
import "@mantine/notifications/styles.layer.css";
import "@mantine/spotlight/styles.layer.css";
import "@fontsource-variable/inter/index.css";
import "@fontsource-variable/jetbrains-mono/index.css";
import "@/theme/tokens.css";
import "@/theme/base.css";
import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createAppQueryClient } from "@/api/query_client";
import { sessionQuery } from "@/api/session";
import { i18nReady } from "@/i18n";
import { theme } from "@/theme/theme";
import { CommandPalette } from "@/ui/command_palette";
import { ShortcutProvider } from "@/ui/shortcuts";
import { createAppRouter } from "./router";

const queries = createAppQueryClient(() => {
  // The login session ended elsewhere: the guards decide again, and lead to the login page.
  queries.setQueryData(sessionQuery.queryKey, null);
  void router.invalidate();
});
const router = createAppRouter(queries);

async function start() {
  await i18nReady;
  const root = document.getElementById("root");
  if (root === null) throw new Error("index.html has no #root");
  createRoot(root).render(
    <StrictMode>
      <MantineProvider theme={theme} defaultColorScheme="auto">
        <QueryClientProvider client={queries}>
          <ShortcutProvider>
            <CommandPalette>
              <Notifications position="bottom-right" limit={3} />
              <RouterProvider router={router} />
            </CommandPalette>
          </ShortcutProvider>
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
}

void start();
