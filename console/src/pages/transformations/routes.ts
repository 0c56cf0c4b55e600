import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import * as v from "valibot";
import { shellRoute } from "~/routes/root";

const list = v.object({ q: v.optional(v.string()) });

/** `view`: the YAML instead of the preview; `at`: the event whose before and after is shown; `last`: how many of the newest are tried. */
const one = v.object({
  tab: v.optional(v.picklist(["edit", "versions"])),
  view: v.fallback(v.optional(v.literal("yaml")), undefined),
  at: v.optional(v.string()),
  last: v.optional(v.number()),
});

export type OneSearch = v.InferOutput<typeof one>;

export const transformationsRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/transformations",
    validateSearch: list,
    component: lazyRouteComponent(() => import("./Page")),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/transformations/-/new",
    validateSearch: one,
    component: lazyRouteComponent(() => import("./editor/EditorPage"), "NewPage"),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/transformations/$name",
    validateSearch: one,
    component: lazyRouteComponent(() => import("./editor/EditorPage")),
  }),
] as const;
