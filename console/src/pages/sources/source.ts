/** One source as the API has it, with what it leaves out filled in; and the requests that change it. */

import { $api, api } from "~/api/client";
import type { Applied, Source, SourceDetail, SourceSchema } from "~/api/schema";

export type WholeSource = Required<Omit<Source, "schema">> & { schema: Required<SourceSchema> };

/** The workspace file leaves out what is as by default, and so does the API. */
export function whole(source: Source): WholeSource {
  const { schema } = source;
  return {
    name: source.name,
    type: source.type ?? "server",
    write_key: source.write_key ?? "",
    enabled: source.enabled ?? true,
    rate_limit: source.rate_limit ?? null,
    oauth_clients: source.oauth_clients ?? [],
    tracking_plan: source.tracking_plan ?? "",
    controls: source.controls ?? null,
    schema: {
      block_events: schema?.block_events ?? [],
      block_pages: schema?.block_pages ?? false,
      block_screens: schema?.block_screens ?? false,
      block_identify_traits: schema?.block_identify_traits ?? [],
      block_group_traits: schema?.block_group_traits ?? [],
      integrations_off: schema?.integrations_off ?? {},
    },
  };
}

export function useSource(name: string, everyMs: (detail: SourceDetail | undefined) => number) {
  return $api.useQuery(
    "get",
    "/api/v1/sources/{name}",
    { params: { path: { name } } },
    { refetchInterval: ({ state }) => everyMs(state.data) },
  );
}

/** Asks the API to make it so, or what that would change. */
export function put(detail: SourceDetail, source: WholeSource) {
  return async (how: { dry_run: boolean; note: string | null }): Promise<Applied> => {
    const { data } = await api.PUT("/api/v1/sources/{name}", {
      params: { path: { name: detail.source.name }, query: { version: detail.version, ...how } },
      body: source,
    });
    return data as Applied;
  };
}

/** The same with a part of its `schema` changed: what is blocked whatever a plan says. */
export function withSchema(source: WholeSource, change: Partial<WholeSource["schema"]>): WholeSource {
  return { ...source, schema: { ...source.schema, ...change } };
}

/** The list with the item, or without it. */
export function toggled(items: readonly string[], item: string, isIn: boolean): string[] {
  const others = items.filter((each) => each !== item);
  return isIn ? [...others, item] : others;
}
