import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "~/routes/root";

export const replaysRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/replays",
    component: lazyRouteComponent(() => import("./Page")),
  }),
] as const;
