import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import * as v from "valibot";
import { shellRoute } from "~/routes/root";

const test = v.object({ trait: v.string(), op: v.string(), value: v.optional(v.string()) });

/**
 * `q`: what was typed into the search box; `traits`: conditions; `all`: everybody, instead of who was heard of last.
 */
const search = v.object({
  q: v.optional(v.string()),
  collection: v.optional(v.picklist(["users", "accounts"])),
  audience: v.optional(v.string()),
  traits: v.optional(v.array(test)),
  all: v.optional(v.boolean()),
});

export type ProfilesSearch = v.InferOutput<typeof search>;

export const profilesRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/profiles",
    validateSearch: search,
    component: lazyRouteComponent(() => import("./Page")),
  }),
] as const;
