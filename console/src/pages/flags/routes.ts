import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "~/routes/root";

export const flagsRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/flags",
    component: lazyRouteComponent(() => import("./Page")),
  }),
] as const;
