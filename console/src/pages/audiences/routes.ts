import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import * as v from "valibot";
import { shellRoute } from "~/routes/root";

const collection = v.optional(v.picklist(["users", "accounts"]));

/** `q`: a part of a name or key. */
const list = v.object({ q: v.optional(v.string()), collection });

export const TABS = ["overview", "members", "overlap", "destinations", "definition", "settings"] as const;
export type Tab = (typeof TABS)[number];

export const RANGES = ["24h", "7d", "30d", "1y"] as const;
export type Range = (typeof RANGES)[number];

const one = v.object({
  tab: v.optional(v.picklist(TABS)),
  /** When an audience of users and one of accounts have the same key. */
  collection,
  /** Of the chart. */
  range: v.optional(v.picklist(RANGES)),
  /** Traits that are columns of the members. */
  traits: v.optional(v.array(v.string())),
  /** Keys of the audiences it is compared with. */
  with: v.optional(v.array(v.string())),
});

export const audiencesRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/audiences",
    validateSearch: list,
    component: lazyRouteComponent(() => import("./Page")),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/audiences/-/new",
    /** `template`: what one begins with; left out: one is still to choose. */
    validateSearch: v.object({ collection, template: v.optional(v.string()) }),
    component: lazyRouteComponent(() => import("./New")),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/audiences/$key",
    validateSearch: one,
    component: lazyRouteComponent(() => import("./Audience")),
  }),
] as const;
