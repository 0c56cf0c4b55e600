import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import * as v from "valibot";
import { shellRoute } from "~/routes/root";

/** `q`: what was typed into the search box. */
const search = v.object({ q: v.optional(v.string()) });

export const profilesRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/profiles",
    validateSearch: search,
    component: lazyRouteComponent(() => import("./Page")),
  }),
] as const;
