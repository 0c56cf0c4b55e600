/** Making, changing and removing traits and audiences. */

import { api } from "~/api/client";
import type { Applied, Connection, Impact, TraitLine } from "~/api/schema";
import type { Json, Section } from "../builder/draft";

interface How {
  dry_run?: boolean;
  note?: string | null;
  /** Refused when there is one of this key. */
  new?: boolean;
}

/** `item` as the workspace file has it; `destinations` that it does not say stay. */
export async function put(section: Section, key: string, item: Json, how: How = {}): Promise<Applied> {
  const { data } = await api.PUT(
    section === "audiences" ? "/api/v1/audiences/{key}" : "/api/v1/traits/{key}",
    {
      params: { path: { key }, query: how },
      body: item as Record<string, never>,
    },
  );
  return data as Applied;
}

export async function remove(section: Section, line: TraitLine): Promise<void> {
  await api.DELETE(section === "audiences" ? "/api/v1/audiences/{key}" : "/api/v1/traits/{key}", {
    params: { path: { key: line.key }, query: { collection: line.collection } },
  });
}

export async function impactOf(section: Section, line: TraitLine): Promise<Impact> {
  const path = section === "audiences" ? "/api/v1/audiences/{key}/impact" : "/api/v1/traits/{key}/impact";
  const { data } = await api.GET(path, {
    params: { path: { key: line.key }, query: { collection: line.collection } },
  });
  return data as Impact;
}

/** The item that a line stands for, with other connections or another name. */
export function itemOf(
  section: Section,
  line: TraitLine,
  change: { destinations?: Connection[]; name?: string } = {},
): Json {
  const body = section === "audiences" ? { where: line.definition } : line.definition;
  return { collection: line.collection, ...body, ...change };
}
