import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import * as v from "valibot";
import { shellRoute } from "~/routes/root";
import { oneOf, text } from "~/routes/search";

/** Which receipts; `since` is as the API has it (`24h`), `receipt` the id of the one that is open. */
const search = v.object({
  destination: text,
  source: text,
  status: oneOf(["delivered", "failed", "retrying", "filtered"]),
  reason: text,
  event: text,
  message_id: text,
  user_id: text,
  profile_id: text,
  since: text,
  receipt: text,
});

export type DeliveriesSearch = v.InferOutput<typeof search>;

export const deliveriesRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/deliveries",
    validateSearch: search,
    component: lazyRouteComponent(() => import("./Page")),
  }),
] as const;
