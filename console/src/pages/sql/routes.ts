import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "~/routes/root";

export const sqlRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/sql",
    component: lazyRouteComponent(() => import("./Page")),
  }),
] as const;
