import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "~/routes/root";

export const joinRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: "/join",
    component: lazyRouteComponent(() => import("./Page")),
  }),
] as const;
