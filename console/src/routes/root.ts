/** The two frames of all pages: with nobody signed in, and with somebody. */

import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";
import { ApiError, api } from "~/api/client";
import { sessionOptions } from "~/api/session";
import { Missing } from "./states";

export interface RouterContext {
  queries: QueryClient;
}

export const rootRoute = createRootRouteWithContext<RouterContext>()();

/** Everything below it is for somebody who is signed in; who is not is asked to, and comes back to where they were. */
export const shellRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "shell",
  beforeLoad: async ({ context, location }) => {
    try {
      await context.queries.ensureQueryData(sessionOptions);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) throw error;
      const { data } = await api.GET("/api/v1/setup");
      if (data?.needed) throw redirect({ to: "/setup" });
      throw redirect({ to: "/sign-in", search: { next: location.href } });
    }
  },
  component: lazyRouteComponent(() => import("~/shell/Shell")),
});

/** Any other address: of no page, with the menu beside it. */
export const missingRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "$",
  component: Missing,
});
