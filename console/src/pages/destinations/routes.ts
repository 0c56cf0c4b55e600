import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import * as v from "valibot";
import { shellRoute } from "~/routes/root";
import { oneOf, text } from "~/routes/search";

export const TABS = ["health", "mappings", "filters", "receipts", "audiences", "settings"] as const;

export type Tab = (typeof TABS)[number];

export const STATES = ["ok", "retrying", "failing", "down", "off"] as const;

/** `q`: what was typed into the search box. */
const list = v.object({ q: text, state: oneOf(STATES) });

/** `type`: the one that is being set up. */
const catalogue = v.object({ q: text, category: text, type: text });

const destination = v.object({
  tab: v.pipe(
    // What attention links to as deliveries is here called receipts.
    v.fallback(v.optional(v.picklist([...TABS, "deliveries"])), undefined),
    v.transform((tab): Tab | undefined => (tab === "deliveries" ? "receipts" : tab)),
  ),
  /** How far back health looks. */
  since: oneOf(["1h", "24h", "7d"]),
  /** The mapping that is being edited, by its name; empty: a new one. */
  mapping: text,
  /** A new mapping that begins as this preset of the type. */
  preset: text,
  status: oneOf(["delivered", "failed", "retrying", "filtered"]),
  reason: text,
  receipt: text,
});

export type DestinationSearch = v.InferOutput<typeof destination>;

export const destinationsRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/destinations",
    validateSearch: list,
    component: lazyRouteComponent(() => import("./Page")),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/destinations/-/new",
    validateSearch: catalogue,
    component: lazyRouteComponent(() => import("./Catalogue")),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/destinations/$name",
    validateSearch: destination,
    component: lazyRouteComponent(() => import("./Destination")),
  }),
] as const;
