/** For `onEnd` of a table: fetch the next page if there is one and nothing is under way. May be called any number of times. */

import type { UseInfiniteQueryResult } from "@tanstack/react-query";

type Paged = Pick<UseInfiniteQueryResult, "hasNextPage" | "isFetching" | "fetchNextPage">;

export function nextPage({ hasNextPage, isFetching, fetchNextPage }: Paged): () => void {
  return () => {
    if (hasNextPage && !isFetching) void fetchNextPage();
  };
}
