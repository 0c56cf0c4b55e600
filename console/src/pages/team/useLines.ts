/** A list of the team, page after page. */

import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";

interface Answer<Line> {
  data: Line[];
  next?: string | null;
}

type Ask<Line> = (
  query: { limit: number; cursor?: string },
  signal: AbortSignal,
) => Promise<Answer<Line> | undefined>;

export function useLines<Line>(name: string, ask: Ask<Line>) {
  const found = useInfiniteQuery({
    queryKey: ["team", name],
    queryFn: async ({ pageParam, signal }) => {
      const page = await ask({ limit: 100, ...(pageParam ? { cursor: pageParam } : {}) }, signal);
      if (!page) throw new Error("an answer without a list");
      return page;
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const lines = useMemo(() => found.data?.pages.flatMap((page) => page.data) ?? [], [found.data]);
  return {
    lines,
    error: found.data ? null : found.error,
    isPending: found.isPending,
    isFetching: found.isFetchingNextPage,
    more: () => {
      if (found.hasNextPage && !found.isFetchingNextPage) void found.fetchNextPage();
    },
    retry: () => void found.refetch(),
  };
}
