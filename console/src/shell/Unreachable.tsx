/** While the platform does not answer, what a page shows is old: this says so, and asks again until it is back. */

import { Alert } from "@mantine/core";
import { IconPlugConnectedX } from "@tabler/icons-react";
import { type Query, useQueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import { ApiError } from "~/api/client";

const EVERY_MS = 3_000;

export function Unreachable() {
  const queries = useQueryClient();
  const cache = queries.getQueryCache();
  const isLost = useSyncExternalStore(
    (changed) => cache.subscribe(changed),
    () => cache.findAll({ type: "active" }).some(isUnanswered),
  );
  useEffect(() => {
    if (!isLost) return;
    const again = () => void queries.refetchQueries({ type: "active", predicate: isUnanswered });
    const timer = setInterval(again, EVERY_MS);
    return () => clearInterval(timer);
  }, [isLost, queries]);
  if (!isLost) return null;
  return (
    <Alert
      color="orange"
      icon={<IconPlugConnectedX />}
      title="Headwater is not responding"
      role="status"
      mb="md"
    >
      What you see may be out of date. Trying to reconnect…
    </Alert>
  );
}

function isUnanswered({ state: { error } }: Query): boolean {
  return error instanceof ApiError && error.status === 0;
}
