/** A search, page after page. A walk through many profiles goes on by itself until there is something to show. */

import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api } from "~/api/client";
import type { ProfileSummary, SearchPage } from "~/api/schema";
import type { ProfilesSearch } from "./routes";
import { asked, isWhole } from "./tests";

/** So many profiles fill the screen; until then a walk goes on. */
const WANTED = 30;

export interface Found {
  rows: ProfileSummary[];
  looked: number;
  total: number;
  /** So many of the first rows have the text as an external id. */
  exact: number;
  hasMore: boolean;
  /** It is looking through profiles. */
  isLooking: boolean;
  isPending: boolean;
  error: unknown;
  /** Looks on, or stops looking. */
  setWalking: (walks: boolean) => void;
  more: () => void;
  refetch: () => void;
}

export function useProfiles(search: ProfilesSearch): Found {
  const { q = "", collection = null, audience = null, traits = [] } = search;
  const tests = traits.filter(isWhole).map(asked);
  const question = { text: q, collection, audience, traits: tests };
  const query = useInfiniteQuery({
    queryKey: ["profiles", question],
    queryFn: async ({ pageParam, signal }): Promise<SearchPage> => {
      const body = { ...question, limit: 50, cursor: pageParam };
      const { data } = await api.POST("/api/v1/profiles/search", { body, signal });
      return data as SearchPage;
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    // What was found stays while one looks at a profile and comes back.
    staleTime: 60_000,
  });
  const pages = query.data?.pages ?? [];
  const rows = pages.flatMap((page) => page.data);
  const exact = pages[0]?.exact ?? 0;
  const key = JSON.stringify(question);
  const [walking, setWalking] = useState<{ key: string; walks: boolean }>({ key: "", walks: true });
  // Who has found somebody by an id mostly is done; everybody else waits for the first names.
  const walks = walking.key === key ? walking.walks : exact === 0;
  const { hasNextPage, isFetching, fetchNextPage } = query;
  const isShort = rows.length < WANTED;

  useEffect(() => {
    if (walks && isShort && hasNextPage && !isFetching) void fetchNextPage();
  }, [walks, isShort, hasNextPage, isFetching, fetchNextPage]);

  return {
    rows,
    exact,
    looked: pages.at(-1)?.looked ?? 0,
    total: pages.at(-1)?.total ?? 0,
    hasMore: hasNextPage,
    isLooking: isFetching,
    isPending: query.isPending,
    error: query.error,
    setWalking: (next) => setWalking({ key, walks: next }),
    more: () => {
      if (walks && hasNextPage && !isFetching) void fetchNextPage();
    },
    refetch: () => void query.refetch(),
  };
}
