/** Traits as they are now. */

import { $api } from "~/api/client";
import { everyMs } from "~/components/definition/Status";

/** Counting the values of everybody takes up to a second. */
const VALUES_EVERY_MS = 15_000;

export function useTraits() {
  return $api.useQuery(
    "get",
    "/api/v1/traits",
    { params: { query: { limit: 1_000 } } },
    { refetchInterval: (query) => everyMs(query.state.data?.data) },
  );
}

export function useTrait(key: string, collection?: "users" | "accounts") {
  return $api.useQuery(
    "get",
    "/api/v1/traits/{key}",
    { params: { path: { key }, query: { collection } } },
    { refetchInterval: (query) => everyMs(query.state.data && [query.state.data]), retry: false },
  );
}

export function useValues(key: string, collection: string) {
  return $api.useQuery(
    "get",
    "/api/v1/traits/{key}/values",
    { params: { path: { key }, query: { collection } } },
    { refetchInterval: VALUES_EVERY_MS },
  );
}
