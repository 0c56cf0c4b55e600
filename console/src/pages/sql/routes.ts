import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import * as v from "valibot";
import { shellRoute } from "~/routes/root";

/** An address that is longer than this is cut by mail programs and refused by proxies. */
export const STATEMENT_CHARACTERS_MAX = 4_000;

const search = v.object({ q: v.optional(v.pipe(v.string(), v.maxLength(STATEMENT_CHARACTERS_MAX))) });

export const sqlRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/sql",
    validateSearch: search,
    component: lazyRouteComponent(() => import("./Page")),
  }),
] as const;
