import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "~/routes/root";

export const privacyRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/privacy",
    component: lazyRouteComponent(() => import("./Page")),
  }),
] as const;
