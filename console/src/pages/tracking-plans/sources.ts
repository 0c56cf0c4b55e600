/** The sources of the workspace, as plans see them. */

import { useQueries } from "@tanstack/react-query";
import { $api } from "~/api/client";
import type { Controls, Source, SourceDetail } from "~/api/schema";
import { tidy } from "./model/controls";

/** As many as the API lists at once. */
const LISTED = 1_000;

/** Sources of one plan that are asked for singly, because only then their controls are told. */
const HELD = 50;

export function useSources() {
  return $api.useQuery("get", "/api/v1/sources", { params: { query: { limit: LISTED } } });
}

export function useSourceNames(): string[] {
  return useSources().data?.data.map((source) => source.name) ?? [];
}

/** The first of these sources whole, as far as they have come. */
export function useWholeSources(names: readonly string[]): SourceDetail[] {
  const found = useQueries({
    queries: names
      .slice(0, HELD)
      .map((name) => $api.queryOptions("get", "/api/v1/sources/{name}", { params: { path: { name } } })),
  });
  return found.flatMap(({ data }) => (data ? [data] : []));
}

/** What a source says beyond its plan. */
export function ownControls({ controls }: Source): Controls | null {
  const said = controls ? tidy(controls) : {};
  return Object.keys(said).length > 0 ? said : null;
}
