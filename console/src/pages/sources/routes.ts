import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "~/routes/root";

export const sourcesRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/sources",
    component: lazyRouteComponent(() => import("./Page")),
  }),
] as const;
