// What the entry and the login page draw; desk_tools.tsx brings the rest with the first desk.
import "@mantine/core/styles/baseline.layer.css";
import "@mantine/core/styles/default-css-variables.layer.css";
import "@mantine/core/styles/global.layer.css";
import "@mantine/core/styles/UnstyledButton.layer.css";
import "@mantine/core/styles/Loader.layer.css";
import "@mantine/core/styles/Button.layer.css";
import "@mantine/core/styles/Skeleton.layer.css";
import "@mantine/core/styles/VisuallyHidden.layer.css";
import "@fontsource-variable/inter/index.css";
import "@/theme/tokens.css";
import "@/theme/base.css";
import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createAppQueryClient } from "@/api/query_client";
import { sessionQuery } from "@/api/session";
import { i18nReady } from "@/i18n";
import { theme } from "@/theme/theme";
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
            <RouterProvider router={router} />
          </ShortcutProvider>
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
}

void start();
