/** What a destination would do, asked while somebody types: with one event, and with the newest hundred. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api } from "~/api/client";
import type { DestinationPreview, MappingPreview, RecentPreview } from "~/api/schema";
import type { Event } from "~/components/EventPicker";
import type { Filter, Mapping } from "./destination";

/** Tried instead of what is stored. */
export interface Tried {
  filters?: Filter[];
  mappings?: Mapping[];
}

const OPTIONS = { placeholderData: keepPreviousData, retry: false, staleTime: 30_000 } as const;

export function useEventPreview(
  name: string,
  event: Event | undefined,
  source: string | undefined,
  tried: Tried,
) {
  return useQuery({
    queryKey: ["preview", name, event, source, tried],
    queryFn: async ({ signal }): Promise<DestinationPreview> => {
      const { data } = await api.POST("/api/v1/destinations/{name}/preview", {
        params: { path: { name } },
        body: { event: event as never, ...(source ? { source } : {}), ...bodyOf(tried) },
        signal,
      });
      return data as DestinationPreview;
    },
    enabled: event !== undefined,
    ...OPTIONS,
  });
}

export function useRecentPreview(name: string, tried: Tried, isEnabled = true) {
  return useQuery({
    queryKey: ["recent preview", name, tried],
    queryFn: async ({ signal }): Promise<RecentPreview> => {
      const { data } = await api.POST("/api/v1/destinations/{name}/preview/recent", {
        params: { path: { name } },
        body: { limit: 100, ...bodyOf(tried) },
        signal,
      });
      return data as RecentPreview;
    },
    enabled: isEnabled,
    ...OPTIONS,
  });
}

/** What the fields of an action get: with the place of what it does not take. */
export function usePayloadPreview(type: string, mapping: Mapping, event: Event | undefined) {
  return useQuery({
    queryKey: ["payload", type, mapping.action, mapping.mapping, event],
    queryFn: async ({ signal }): Promise<MappingPreview> => {
      const { data } = await api.POST("/api/v1/mappings/preview", {
        body: { type, action: mapping.action, mapping: mapping.mapping as never, event: event as never },
        signal,
      });
      return data as MappingPreview;
    },
    enabled: event !== undefined,
    ...OPTIONS,
  });
}

function bodyOf({ filters, mappings }: Tried) {
  return {
    ...(filters ? { filters: filters as never } : {}),
    ...(mappings ? { mappings: mappings as never } : {}),
  };
}
