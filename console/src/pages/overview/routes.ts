import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import * as v from "valibot";
import { shellRoute } from "~/routes/root";

export const RANGES = ["live", "24h", "7d"] as const;

export type Range = (typeof RANGES)[number];

/** What the chart shows; left out, it is the last 15 minutes, as they go on. */
const search = v.object({ range: v.optional(v.picklist(RANGES)) });

export const overviewRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/",
    validateSearch: search,
    component: lazyRouteComponent(() => import("./Page")),
  }),
] as const;
