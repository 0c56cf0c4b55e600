import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import * as v from "valibot";
import { shellRoute } from "~/routes/root";

const list = v.object({ q: v.optional(v.string()) });

export const TABS = ["rules", "infer", "violations", "controls", "dry-run", "versions", "sources"] as const;

export type Tab = (typeof TABS)[number];

/**
 * `rule`: the one that is edited; `q`: what rules or events are searched for; `event`, `source`, `since`, `by`: of
 * violations; `enforce`, `hours`, `last`: of a dry run; `picked`: events to make rules of.
 */
const plan = v.object({
  tab: v.optional(v.picklist(TABS)),
  rule: v.optional(v.string()),
  view: v.optional(v.picklist(["form", "json", "both"])),
  q: v.optional(v.string()),
  event: v.optional(v.string()),
  source: v.optional(v.string()),
  since: v.optional(v.picklist(["24h", "7d"])),
  by: v.optional(v.picklist(["event", "type", "source"])),
  violation: v.optional(v.string()),
  enforce: v.optional(v.picklist(["draft", "clean", "block"])),
  hours: v.optional(v.number()),
  last: v.optional(v.number()),
  picked: v.optional(v.array(v.string())),
});

export type PlanSearch = v.InferOutput<typeof plan>;

export const trackingPlansRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/tracking-plans",
    validateSearch: list,
    component: lazyRouteComponent(() => import("./Page")),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/tracking-plans/$name",
    validateSearch: plan,
    component: lazyRouteComponent(() => import("./plan/PlanPage")),
  }),
] as const;
