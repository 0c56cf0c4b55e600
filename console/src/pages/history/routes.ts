import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "~/routes/root";

export const historyRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/history",
    component: lazyRouteComponent(() => import("./Page")),
  }),
] as const;
