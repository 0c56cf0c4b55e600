import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import * as v from "valibot";
import { shellRoute } from "~/routes/root";

export const TABS = ["requests", "suppressions", "audit"] as const;

/** `request`: the one that is shown; `q`: the user whose suppression is looked for; `of`: whose audit. */
const search = v.object({
  tab: v.optional(v.picklist(TABS)),
  request: v.optional(v.string()),
  q: v.optional(v.string()),
  of: v.optional(v.string()),
});

export type PrivacySearch = v.InferOutput<typeof search>;

export const privacyRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/privacy",
    validateSearch: search,
    component: lazyRouteComponent(() => import("./Page")),
  }),
] as const;
