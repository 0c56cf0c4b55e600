import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import * as v from "valibot";
import { shellRoute } from "~/routes/root";
import { oneOf, text } from "~/routes/search";

export const SINCE = ["1h", "24h", "7d", "30d"] as const;

/** The filters of the list, and the letter that is open. */
const search = v.object({
  stage: text,
  reason: text,
  source: text,
  destination: text,
  event: text,
  text: text,
  since: oneOf(SINCE),
  letter: text,
});

export type DeadLettersSearch = v.InferOutput<typeof search>;

export const deadLettersRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/dead-letters",
    validateSearch: search,
    component: lazyRouteComponent(() => import("./Page")),
  }),
] as const;
