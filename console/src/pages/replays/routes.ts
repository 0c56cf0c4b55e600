import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import * as v from "valibot";
import { shellRoute } from "~/routes/root";
import { number, oneOf, text, texts } from "~/routes/search";

/** What a replay is to be about, as the API asks for it: a link can propose one. */
const wish = v.object({
  from: oneOf(["lake", "dead_letters"]),
  to: text,
  sources: texts,
  types: texts,
  events: texts,
  where: text,
  since: text,
  until: text,
  audience: text,
  stage: text,
  reason: text,
  per_s: number,
});

export type WishSearch = v.InferOutput<typeof wish>;

export const replaysRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/replays",
    component: lazyRouteComponent(() => import("./Page")),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/replays/-/new",
    validateSearch: wish,
    component: lazyRouteComponent(() => import("./NewPage")),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/replays/$id",
    component: lazyRouteComponent(() => import("./ReplayPage")),
  }),
] as const;
