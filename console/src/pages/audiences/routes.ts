import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "~/routes/root";

export const audiencesRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/audiences",
    component: lazyRouteComponent(() => import("./Page")),
  }),
] as const;
