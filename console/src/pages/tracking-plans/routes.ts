import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "~/routes/root";

export const trackingPlansRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/tracking-plans",
    component: lazyRouteComponent(() => import("./Page")),
  }),
] as const;
