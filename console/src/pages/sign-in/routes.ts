import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import * as v from "valibot";
import { rootRoute } from "~/routes/root";

/** `next`: the address that was wanted. */
const search = v.object({ next: v.optional(v.string()) });

export const signInRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: "/sign-in",
    validateSearch: search,
    component: lazyRouteComponent(() => import("./Page")),
  }),
] as const;
