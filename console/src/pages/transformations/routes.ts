import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "~/routes/root";

export const transformationsRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/transformations",
    component: lazyRouteComponent(() => import("./Page")),
  }),
] as const;
