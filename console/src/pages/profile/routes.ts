import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "~/routes/root";

export const profileRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/profiles/$who",
    component: lazyRouteComponent(() => import("./Page")),
  }),
] as const;
