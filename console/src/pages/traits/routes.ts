import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import * as v from "valibot";
import { shellRoute } from "~/routes/root";

const collection = v.optional(v.picklist(["users", "accounts"]));

/** `q`: a part of a name or key. */
const list = v.object({ q: v.optional(v.string()), collection });

export const TABS = ["overview", "destinations", "definition", "settings"] as const;
export type Tab = (typeof TABS)[number];

/** `collection`: when a trait of users and one of accounts have the same key. */
const one = v.object({ tab: v.optional(v.picklist(TABS)), collection });

export const traitsRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/traits",
    validateSearch: list,
    component: lazyRouteComponent(() => import("./Page")),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/traits/-/new",
    validateSearch: v.object({ collection }),
    component: lazyRouteComponent(() => import("./New")),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/traits/$key",
    validateSearch: one,
    component: lazyRouteComponent(() => import("./Trait")),
  }),
] as const;
