/** How answers of the API are kept. */

import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { ApiError } from "./client";
import { sessionOptions } from "./session";

/** Repeated only when a second try may help: the platform restarts, or is busy. */
function mayRepeat(failures: number, error: unknown): boolean {
  return failures < 2 && error instanceof ApiError && (error.status === 0 || error.status === 503);
}

/** `onSignedOut` is called when an answer says that nobody is signed in (any more). */
export function createQueries(onSignedOut: () => void): QueryClient {
  const watch = (error: unknown) => {
    if (!(error instanceof ApiError)) return;
    if (error.code === "unauthorized") onSignedOut();
    // Somebody has signed in anew in another tab: the next try carries the token of that session.
    if (error.code === "csrf_token_needed") void queries.refetchQueries(sessionOptions);
  };
  // Who asks for the session itself wants to know, and decides what to do about it.
  const isSession = (key: readonly unknown[]) => key[0] === sessionOptions.queryKey[0];
  const queries = new QueryClient({
    queryCache: new QueryCache({ onError: (error, query) => !isSession(query.queryKey) && watch(error) }),
    mutationCache: new MutationCache({ onError: watch }),
    defaultOptions: {
      // A platform on this machine answers without any network, and one elsewhere says itself whether it does.
      queries: { retry: mayRepeat, staleTime: 5_000, refetchOnWindowFocus: true, networkMode: "always" },
      // What was saved may be seen in any list: a small platform answers them all at once.
      mutations: { retry: false, networkMode: "always" },
    },
  });
  return queries;
}
