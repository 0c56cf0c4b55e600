/** The draft done to the newest real events, a moment after it was last changed. */

import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData } from "@tanstack/react-query";
import { $api, ApiError, type Problem } from "~/api/client";
import { type Draft, definitionOf, doesSomething } from "../model/draft";

const TRY_AFTER_MS = 500;

/** Events that come with what they were and would be. */
const WHOLE = 20;

/** `name`: of the one that it would take the place of; of a new one its own. */
export function useDryRun(draft: Draft, name: string, last: number) {
  const [settled] = useDebouncedValue(draft, TRY_AFTER_MS);
  const isWorth = doesSomething(settled);
  const called = name || settled.name || "new one";
  const { name: _, ...said } = definitionOf(settled);
  const run = $api.useQuery(
    "post",
    "/api/v1/transformations/-/test",
    {
      body: {
        transformation: called,
        draft: { ...said, name: called },
        source: settled.sources.length === 1 ? settled.sources[0] : null,
        last,
        whole: WHOLE,
      },
    },
    {
      enabled: isWorth,
      retry: false,
      staleTime: Number.POSITIVE_INFINITY,
      placeholderData: keepPreviousData,
    },
  );
  const error: unknown = run.error;
  const problems: Problem[] = error instanceof ApiError ? error.problems : NONE;
  return { run, isWorth, problems };
}

export type Tried = ReturnType<typeof useDryRun>;

const NONE: Problem[] = [];
