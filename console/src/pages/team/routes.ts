import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import * as v from "valibot";
import { shellRoute } from "~/routes/root";
import { oneOf } from "~/routes/search";

const search = v.object({ tab: oneOf(["people", "tokens"]) });

export const teamRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/team",
    validateSearch: search,
    component: lazyRouteComponent(() => import("./Page")),
  }),
] as const;
