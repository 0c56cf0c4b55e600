/** What the reason of a receipt means and what one can do, in the words of the reference. */

import { $api } from "~/api/client";
import type { ExplainedReason } from "~/api/schema";

export interface Explanation {
  meaning: string;
  advice: string;
}

export function useReasons(): (reason: string) => Explanation | undefined {
  const { data } = $api.useQuery(
    "get",
    "/api/v1/delivery-reasons",
    { params: { query: { limit: 1000 } } },
    { staleTime: Number.POSITIVE_INFINITY },
  );
  return (reason) => explain(data?.data ?? [], reason);
}

/** HTTP statuses that the reference does not name stand for themselves. */
export function explain(known: readonly ExplainedReason[], reason: string): Explanation | undefined {
  const found = known.find((each) => each.reason === reason);
  if (found) return { meaning: sentence(found.meaning), advice: sentence(found.advice) };
  if (!/^[1-5]\d\d$/.test(reason)) return undefined;
  return Number(reason) >= 500
    ? {
        meaning: `The destination responded with ${reason}, a server error.`,
        advice: "Headwater retries automatically.",
      }
    : {
        meaning: `The destination responded with ${reason} and rejected the request.`,
        advice: "Its response, shown in the receipt, says why.",
      };
}

function sentence(text: string): string {
  return !text || /[.!?]$/.test(text) ? begun(text) : `${begun(text)}.`;
}

/** With a capital letter at its beginning. */
export function begun(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
