import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import * as v from "valibot";
import { shellRoute } from "~/routes/root";

/** `look`: everybody is looked through for likely duplicates; `by`: which signs count, with commas. */
const search = v.object({
  tab: v.optional(v.picklist(["quarantine", "duplicates"])),
  look: v.optional(v.boolean()),
  by: v.optional(v.string()),
});

export type IdentitiesSearch = v.InferOutput<typeof search>;

export const identitiesRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/identities",
    validateSearch: search,
    component: lazyRouteComponent(() => import("./Page")),
  }),
] as const;
