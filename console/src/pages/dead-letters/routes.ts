import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import * as v from "valibot";
import { shellRoute } from "~/routes/root";

export const SINCE = ["1h", "24h", "7d", "30d"] as const;

/** The filters of the list, and the letter that is open. */
const search = v.object({
  stage: v.optional(v.string()),
  reason: v.optional(v.string()),
  source: v.optional(v.string()),
  destination: v.optional(v.string()),
  event: v.optional(v.string()),
  text: v.optional(v.string()),
  since: v.optional(v.string()),
  letter: v.optional(v.string()),
});

export type DeadLettersSearch = v.InferOutput<typeof search>;

export const deadLettersRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/dead-letters",
    validateSearch: search,
    component: lazyRouteComponent(() => import("./Page")),
  }),
] as const;
