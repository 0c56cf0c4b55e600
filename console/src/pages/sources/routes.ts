import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import * as v from "valibot";
import { shellRoute } from "~/routes/root";

export const TABS = ["setup", "schema", "plan", "settings"] as const;

/** `tab`: left out, it is the set-up until events have come, and their schema from then on. */
const search = v.object({
  tab: v.optional(v.picklist(TABS)),
  /** On the set-up: which SDK is shown. */
  sdk: v.optional(v.string()),
  /** On the schema: a part of the names, the event that is open, and since when something is new. */
  q: v.optional(v.string()),
  event: v.optional(v.string()),
  since: v.optional(v.picklist(["24h", "7d", "30d"])),
});

export type SourceSearch = v.InferOutput<typeof search>;

export const sourcesRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/sources",
    component: lazyRouteComponent(() => import("./Page")),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/sources/-/new",
    validateSearch: v.object({ type: v.optional(v.string()) }),
    component: lazyRouteComponent(() => import("./New")),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/sources/$name",
    validateSearch: search,
    component: lazyRouteComponent(() => import("./Source")),
  }),
] as const;
