import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "~/routes/root";

export const teamRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/team",
    component: lazyRouteComponent(() => import("./Page")),
  }),
] as const;
