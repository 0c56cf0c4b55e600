import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import * as v from "valibot";
import { shellRoute } from "~/routes/root";

export const TABS = [
  "overview",
  "traits",
  "timeline",
  "identity",
  "audiences",
  "deliveries",
  "privacy",
] as const;

const search = v.object({
  tab: v.optional(v.picklist(TABS)),
  /** Of the traits: what is looked for, and the one whose values are shown. */
  find: v.optional(v.string()),
  trait: v.optional(v.string()),
  /** Of the timeline. */
  type: v.optional(v.string()),
  event: v.optional(v.string()),
  source: v.optional(v.string()),
  /** Of the identity: as a picture, unless it says table; and the node that is told about. */
  view: v.optional(v.literal("table")),
  node: v.optional(v.string()),
  /** Of the deliveries. */
  destination: v.optional(v.string()),
  status: v.optional(v.picklist(["delivered", "filtered", "retrying", "failed"])),
  /** Id of the one that is shown whole. */
  receipt: v.optional(v.string()),
});

export type ProfileSearch = v.InferOutput<typeof search>;

export const profileRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/profiles/$who",
    validateSearch: search,
    component: lazyRouteComponent(() => import("./Page")),
  }),
] as const;
