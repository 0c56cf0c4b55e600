import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "~/routes/root";

export const debuggerRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/debugger",
    component: lazyRouteComponent(() => import("./Page")),
  }),
] as const;
