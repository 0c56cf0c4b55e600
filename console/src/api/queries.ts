/** How answers of the API are kept. */

import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { ApiError } from "./client";

/** Repeated only when a second try may help: the platform restarts, or is busy. */
function mayRepeat(failures: number, error: unknown): boolean {
  return failures < 2 && error instanceof ApiError && (error.status === 0 || error.status === 503);
}

/** `onSignedOut` is called when an answer says that nobody is signed in (any more). */
export function createQueries(onSignedOut: () => void): QueryClient {
  const watch = (error: unknown) => {
    if (error instanceof ApiError && error.status === 401) onSignedOut();
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError: watch }),
    mutationCache: new MutationCache({ onError: watch }),
    defaultOptions: {
      queries: { retry: mayRepeat, staleTime: 5_000, refetchOnWindowFocus: true },
      // What was saved may be seen in any list: a small platform answers them all at once.
      mutations: { retry: false },
    },
  });
}
