import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "~/routes/root";

export const traitsRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/traits",
    component: lazyRouteComponent(() => import("./Page")),
  }),
] as const;
