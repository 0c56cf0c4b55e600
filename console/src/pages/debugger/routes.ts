import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import * as v from "valibot";
import { shellRoute } from "~/routes/root";

export const CALLS = ["track", "identify", "page", "screen", "group", "alias"] as const;

export const OUTCOMES = ["all", "accepted", "dropped"] as const;

/** Which events are shown, and the one that is open: its message id, and its place among several arrivals. */
const search = v.object({
  filter: v.optional(v.string()),
  source: v.optional(v.string()),
  type: v.optional(v.picklist(CALLS)),
  event: v.optional(v.string()),
  outcome: v.optional(v.picklist(OUTCOMES)),
  id: v.optional(v.string()),
  place: v.optional(v.string()),
});

export type DebuggerSearch = v.InferOutput<typeof search>;

export const debuggerRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/debugger",
    validateSearch: search,
    component: lazyRouteComponent(() => import("./Page")),
  }),
] as const;
