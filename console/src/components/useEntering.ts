/** What happens once somebody has got in: who they are is asked anew, and they go where they wanted to go. */

import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useCallback } from "react";
import { sessionOptions } from "~/api/session";

export function useEntering(wanted?: string): () => Promise<void> {
  const router = useRouter();
  const queries = useQueryClient();
  return useCallback(async () => {
    queries.clear(); // somebody else may have sat here before
    await queries.fetchQuery(sessionOptions);
    router.history.push(isOurs(wanted) ? wanted : "/");
  }, [router, queries, wanted]);
}

/** An address of the console: a link to the sign-in page must not lead to another site. */
export function isOurs(address: string | undefined): address is string {
  return address !== undefined && /^\/(?![/\\])/.test(address);
}
