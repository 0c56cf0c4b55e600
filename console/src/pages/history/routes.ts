import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import * as v from "valibot";
import { shellRoute } from "~/routes/root";
import { number, oneOf, text } from "~/routes/search";

export const KINDS = ["workspace", "data", "team", "entering"] as const;

export const SINCE = ["24h", "7d", "30d", "365d"] as const;

/** `version`: the one that is looked at, compared with `against` (default: the one before). The rest filters the log. */
const search = v.object({
  tab: oneOf(["versions", "log"]),
  version: number,
  against: number,
  actor: text,
  kind: oneOf(KINDS),
  subject: text,
  since: oneOf(SINCE),
});

export type HistorySearch = v.InferOutput<typeof search>;

export const historyRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/history",
    validateSearch: search,
    component: lazyRouteComponent(() => import("./Page")),
  }),
] as const;
