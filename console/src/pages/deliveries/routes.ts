import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "~/routes/root";

export const deliveriesRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/deliveries",
    component: lazyRouteComponent(() => import("./Page")),
  }),
] as const;
