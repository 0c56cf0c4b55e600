import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import * as v from "valibot";
import { shellRoute } from "~/routes/root";

export const TABS = ["general", "identity", "profile-api"] as const;

/** `rule`: the type of external id whose rule is open, on the tab `identity`. */
const search = v.object({ tab: v.optional(v.picklist(TABS)), rule: v.optional(v.string()) });

export type SettingsSearch = v.InferOutput<typeof search>;

export const settingsRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/settings",
    validateSearch: search,
    component: lazyRouteComponent(() => import("./Page")),
  }),
] as const;
