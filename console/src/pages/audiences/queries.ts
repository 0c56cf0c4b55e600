/** Audiences as they are now; asked again and again, so that they fill while one looks. */

import { keepPreviousData } from "@tanstack/react-query";
import { $api } from "~/api/client";
import { everyMs, LIVE_EVERY_MS } from "~/components/definition/Status";
import type { Range } from "./routes";

/** More than anybody has; the list is whole. */
const ALL = { limit: 1_000 };

export function useAudiences() {
  return $api.useQuery(
    "get",
    "/api/v1/audiences",
    { params: { query: ALL } },
    { refetchInterval: (query) => everyMs(query.state.data?.data) },
  );
}

export function useAudience(key: string, collection?: "users" | "accounts") {
  return $api.useQuery(
    "get",
    "/api/v1/audiences/{key}",
    { params: { path: { key }, query: { collection } } },
    { refetchInterval: (query) => everyMs(query.state.data && [query.state.data]), retry: false },
  );
}

/** The hours of a range in which somebody entered or left. A year has more than a page; its newest matter less. */
export function useSizes(key: string, collection: string, range: Range) {
  const since = { "24h": "24h", "7d": "7d", "30d": "30d", "1y": "365d" }[range];
  return $api.useQuery(
    "get",
    "/api/v1/audiences/{key}/sizes",
    { params: { path: { key }, query: { collection, since, limit: 1_000 } } },
    { refetchInterval: LIVE_EVERY_MS, placeholderData: keepPreviousData },
  );
}
