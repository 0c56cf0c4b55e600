import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "~/routes/root";

export const destinationsRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/destinations",
    component: lazyRouteComponent(() => import("./Page")),
  }),
] as const;
