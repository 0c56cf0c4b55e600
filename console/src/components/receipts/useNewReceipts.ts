/** What has come since a list of receipts was loaded: asked for now and then, while somebody looks at the page. */

import { type InfiniteData, type QueryKey, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { DeliveryReceipt } from "~/api/schema";

export interface ReceiptPage {
  data: DeliveryReceipt[];
  next?: string | null;
}

/** Receipts asked for at once; more than that is "100+". */
export const NEW_MAX = 100;

const EVERY_MS = 5_000;

export interface ReceiptList {
  /** Of the infinite query whose pages are shown. */
  queryKey: QueryKey;
  pages: readonly ReceiptPage[];
  /** The newest NEW_MAX receipts that belong to the list. */
  newest: (signal: AbortSignal) => Promise<ReceiptPage>;
}

export interface News {
  count: number;
  /** Shows them, in place of what is shown. */
  load: () => void;
  /** Changes whenever they have been loaded: the table starts at its top again. */
  generation: number;
}

/** TanStack asks nothing while the tab is hidden. */
export function useNewReceipts({ queryKey, pages, newest }: ReceiptList): News {
  const queries = useQueryClient();
  const [generation, setGeneration] = useState(0);
  const { data } = useQuery({
    queryKey: [...queryKey, "newest"],
    queryFn: ({ signal }) => newest(signal),
    initialData: pages[0],
    refetchInterval: EVERY_MS,
  });
  return {
    count: data ? unseen(data, pages) : 0,
    generation,
    load: () => {
      if (!data) return;
      queries.setQueryData<InfiniteData<ReceiptPage, string>>(queryKey, { pages: [data], pageParams: [""] });
      setGeneration((before) => before + 1);
    },
  };
}

/** How many of the newest are not listed, and are no older than what is. */
export function unseen(newest: ReceiptPage, pages: readonly ReceiptPage[]): number {
  const known = new Set(pages.flatMap((page) => page.data.map(({ id }) => id)));
  const since = pages[0]?.data[0]?.at ?? "";
  return newest.data.filter(({ id, at }) => !known.has(id) && at >= since).length;
}

/** For the query of the list: as long as it is empty, what comes is shown at once. */
export function whileEmpty({ state }: { state: { data?: InfiniteData<ReceiptPage> | undefined } }) {
  return state.data?.pages.every((page) => page.data.length === 0) ? EVERY_MS : (false as const);
}
