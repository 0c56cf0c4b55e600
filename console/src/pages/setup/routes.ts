import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "~/routes/root";

export const setupRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: "/setup",
    component: lazyRouteComponent(() => import("./Page")),
  }),
] as const;
