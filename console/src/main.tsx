import "@fontsource-variable/inter/wght.css";
import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "./theme/global.css";
import { MantineProvider } from "@mantine/core";
import { ModalsProvider } from "@mantine/modals";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createQueries } from "./api/queries";
import { sessionOptions } from "./api/session";
import { createConsoleRouter } from "./routes/router";
import { styleNonce } from "./theme/nonce";
import { resolver, theme } from "./theme/theme";

const queries = createQueries(() => {
  queries.removeQueries({ queryKey: sessionOptions.queryKey });
  const { pathname, href } = router.state.location;
  if (!["/sign-in", "/setup", "/join"].includes(pathname)) {
    void router.navigate({ to: "/sign-in", search: { next: href } });
  }
});
const router = createConsoleRouter(queries);

// A part of the console that is fetched when it is first shown may be gone: the platform has been updated meanwhile.
window.addEventListener("vite:preloadError", () => window.location.reload());

createRoot(document.getElementById("root") as HTMLElement).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={resolver}
      defaultColorScheme="auto"
      getStyleNonce={styleNonce}
      deduplicateInlineStyles
    >
      <QueryClientProvider client={queries}>
        <ModalsProvider>
          <Notifications position="bottom-right" />
          <RouterProvider router={router} />
        </ModalsProvider>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
