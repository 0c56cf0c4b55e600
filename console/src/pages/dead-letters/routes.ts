import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "~/routes/root";

export const deadLettersRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/dead-letters",
    component: lazyRouteComponent(() => import("./Page")),
  }),
] as const;
