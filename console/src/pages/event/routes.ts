import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "~/routes/root";

export const eventRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/events/$messageId",
    component: lazyRouteComponent(() => import("./Page")),
  }),
] as const;
