/** What the workspace has, by name: sources, destinations, audiences and so on, for the search. */

import type { LinkProps } from "@tanstack/react-router";
import { $api } from "~/api/client";

export interface Item {
  name: string;
  /** Its key or type, which is looked for as well. */
  about: string;
  kind: string;
  link: LinkProps;
}

/** More than that of one kind are found on their own page. */
const LIMIT = 200;

const QUERY = { params: { query: { limit: LIMIT } } } as const;

/** Asked when somebody searches, and kept for a while. */
const KEPT = { staleTime: 60_000 } as const;

export function useItems(): Item[] {
  const sources = $api.useQuery("get", "/api/v1/sources", QUERY, KEPT).data?.data ?? [];
  const destinations = $api.useQuery("get", "/api/v1/destinations", QUERY, KEPT).data?.data ?? [];
  const audiences = $api.useQuery("get", "/api/v1/audiences", QUERY, KEPT).data?.data ?? [];
  const traits = $api.useQuery("get", "/api/v1/traits", QUERY, KEPT).data?.data ?? [];
  const plans = $api.useQuery("get", "/api/v1/tracking-plans", QUERY, KEPT).data?.data ?? [];
  return [
    ...audiences.map(
      ({ key, name }): Item => ({
        name: name || key,
        about: key,
        kind: "Audience",
        link: { to: "/audiences/$key", params: { key } },
      }),
    ),
    ...traits.map(
      ({ key, name }): Item => ({
        name: name || key,
        about: key,
        kind: "Trait",
        link: { to: "/traits/$key", params: { key } },
      }),
    ),
    ...sources.map(
      ({ name, type }): Item => ({
        name,
        about: type,
        kind: "Source",
        link: { to: "/sources/$name", params: { name } },
      }),
    ),
    ...destinations.map(
      ({ name, type }): Item => ({
        name,
        about: type,
        kind: "Destination",
        link: { to: "/destinations/$name", params: { name } },
      }),
    ),
    ...plans.map(
      ({ name }): Item => ({
        name,
        about: "",
        kind: "Tracking plan",
        link: { to: "/tracking-plans/$name", params: { name } },
      }),
    ),
  ];
}
