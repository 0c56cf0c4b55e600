/** Every address of the console. A page has its own in `pages/<page>/routes.ts`. */

import type { QueryClient } from "@tanstack/react-query";
import { createRouter } from "@tanstack/react-router";
import { accountRoutes } from "~/pages/account/routes";
import { audiencesRoutes } from "~/pages/audiences/routes";
import { deadLettersRoutes } from "~/pages/dead-letters/routes";
import { debuggerRoutes } from "~/pages/debugger/routes";
import { deliveriesRoutes } from "~/pages/deliveries/routes";
import { destinationsRoutes } from "~/pages/destinations/routes";
import { eventRoutes } from "~/pages/event/routes";
import { flagsRoutes } from "~/pages/flags/routes";
import { historyRoutes } from "~/pages/history/routes";
import { identitiesRoutes } from "~/pages/identities/routes";
import { joinRoutes } from "~/pages/join/routes";
import { overviewRoutes } from "~/pages/overview/routes";
import { privacyRoutes } from "~/pages/privacy/routes";
import { profileRoutes } from "~/pages/profile/routes";
import { profilesRoutes } from "~/pages/profiles/routes";
import { replaysRoutes } from "~/pages/replays/routes";
import { settingsRoutes } from "~/pages/settings/routes";
import { setupRoutes } from "~/pages/setup/routes";
import { signInRoutes } from "~/pages/sign-in/routes";
import { sourcesRoutes } from "~/pages/sources/routes";
import { sqlRoutes } from "~/pages/sql/routes";
import { teamRoutes } from "~/pages/team/routes";
import { trackingPlansRoutes } from "~/pages/tracking-plans/routes";
import { traitsRoutes } from "~/pages/traits/routes";
import { transformationsRoutes } from "~/pages/transformations/routes";
import { missingRoute, rootRoute, shellRoute } from "./root";
import { RouteFailed, RoutePending } from "./states";

const tree = rootRoute.addChildren([
  ...setupRoutes,
  ...joinRoutes,
  ...signInRoutes,
  shellRoute.addChildren([
    ...overviewRoutes,
    ...sourcesRoutes,
    ...debuggerRoutes,
    ...eventRoutes,
    ...trackingPlansRoutes,
    ...transformationsRoutes,
    ...profilesRoutes,
    ...profileRoutes,
    ...identitiesRoutes,
    ...traitsRoutes,
    ...audiencesRoutes,
    ...destinationsRoutes,
    ...deliveriesRoutes,
    ...replaysRoutes,
    ...deadLettersRoutes,
    ...privacyRoutes,
    ...sqlRoutes,
    ...historyRoutes,
    ...teamRoutes,
    ...flagsRoutes,
    ...settingsRoutes,
    ...accountRoutes,
    missingRoute,
  ]),
]);

export function createConsoleRouter(queries: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { queries },
    defaultPreload: "intent",
    defaultPreloadStaleTime: 0,
    scrollRestoration: true,
    defaultErrorComponent: RouteFailed,
    defaultPendingComponent: RoutePending,
    defaultPendingMs: 0,
    // The router would otherwise show its loader for half a second on every page that is not there at once.
    defaultPendingMinMs: 0,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createConsoleRouter>;
  }
}
