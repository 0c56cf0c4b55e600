import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "~/routes/root";

export const accountRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/account",
    component: lazyRouteComponent(() => import("./Page")),
  }),
] as const;
