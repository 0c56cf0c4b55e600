/** One destination as the API has it, with what it leaves out filled in; and the requests that change it. */

import { $api, api } from "~/api/client";
import type {
  Applied,
  BatchBounds,
  Destination,
  DestinationDetail,
  DestinationFilter,
  DestinationMapping,
  DestinationPace,
  DestinationRetry,
  TypeShape,
} from "~/api/schema";

export type Filter = Partial<DestinationFilter> & { if: string };

export type Mapping = Omit<DestinationMapping, "mapping" | "batch"> & {
  mapping: Record<string, unknown>;
  batch: BatchBounds;
};

export interface WholeDestination {
  name: string;
  type: string;
  enabled: boolean;
  /** null: all. */
  sources: string[] | null;
  settings: Record<string, unknown>;
  consent: string[];
  filters: Filter[];
  /** None: the presets of the type. */
  mappings: Mapping[];
  dedupes_on: string | null;
  strict_order: boolean | null;
  pace: DestinationPace;
  retry: Partial<DestinationRetry>;
}

/** The workspace file leaves out what is as by default, and so does the API. */
export function whole(destination: Destination): WholeDestination {
  return {
    name: destination.name,
    type: destination.type,
    enabled: destination.enabled ?? true,
    sources: destination.sources ?? null,
    settings: destination.settings ?? {},
    consent: destination.consent ?? [],
    filters: destination.filters ?? [],
    mappings: (destination.mappings ?? []).map((mapping) => ({
      ...mapping,
      enabled: mapping.enabled ?? true,
      mapping: mapping.mapping ?? {},
      batch: mapping.batch ?? {},
    })),
    dedupes_on: destination.dedupes_on ?? null,
    strict_order: destination.strict_order ?? null,
    pace: destination.pace ?? {},
    retry: destination.retry ?? {},
  };
}

/** The document says that every field is there, because each has a default. */
export function bodyOf(destination: WholeDestination): Destination {
  return destination as unknown as Destination;
}

/** Asks the API to make it so, or what that would change. */
export function put(detail: DestinationDetail, destination: WholeDestination) {
  return async (how: { dry_run: boolean; note: string | null }): Promise<Applied> => {
    const { data } = await api.PUT("/api/v1/destinations/{name}", {
      params: {
        path: { name: detail.destination.name },
        query: { version: detail.version, dry_run: how.dry_run, ...(how.note ? { note: how.note } : {}) },
      },
      body: bodyOf(destination),
    });
    return data as Applied;
  };
}

export function useDestination(name: string) {
  return $api.useQuery("get", "/api/v1/destinations/{name}", { params: { path: { name } } });
}

export function useTypes() {
  return $api.useQuery(
    "get",
    "/api/v1/destination-types",
    { params: { query: { limit: 1000 } } },
    { staleTime: Number.POSITIVE_INFINITY },
  );
}

export function useType(name: string) {
  return $api.useQuery(
    "get",
    "/api/v1/destination-types/{name}",
    { params: { path: { name } } },
    { staleTime: Number.POSITIVE_INFINITY, enabled: name !== "" },
  );
}

/** `wanted`, or with a number after it if others have that name. */
export function freeName(wanted: string, others: readonly { name: string }[], before = " "): string {
  let name = wanted;
  for (let number = 2; others.some((each) => each.name === name); number += 1)
    name = `${wanted}${before}${number}`;
  return name;
}

/** What a destination does that has no mappings of its own, as mappings. */
export function presetsOf(type: TypeShape): Mapping[] {
  return type.presets.map((preset) => ({
    name: preset.name,
    action: preset.action,
    trigger: preset.trigger,
    mapping: preset.mapping,
    enabled: true,
    batch: {},
  }));
}
