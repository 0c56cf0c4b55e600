import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "~/routes/root";

export const identitiesRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/identities",
    component: lazyRouteComponent(() => import("./Page")),
  }),
] as const;
