/** Deciding about many letters: how many it would be, then page by page, with the number done so far. */

import { api } from "~/api/client";
import type { Decided, Filter } from "~/api/schema";

export type Verb = "replay" | "discard";

/** Letters named one by one, or all that a filter finds. */
export type Chosen = { ids: string[] } | { filter: Filter };

export interface Counted {
  count: number;
  /** Ids of those that it cannot be done to. */
  skipped: string[];
  /** False: there are more, and nobody waited for the rest to be counted. */
  isWhole: boolean;
}

/** Letters that one call decides about, at most. */
const PAGE_MAX = 1_000;

/** Pages counted before it is done. */
const COUNTED_PAGES_MAX = 100;

type Ask = (verb: Verb, body: AskBody) => Promise<Decided>;

type AskBody = Chosen & { cursor?: string; dry_run: boolean };

export async function counted(verb: Verb, chosen: Chosen, ask: Ask = asked): Promise<Counted> {
  let last: Counted = { count: 0, skipped: [], isWhole: true };
  let pages = 0;
  for await (const sum of summed(verb, chosen, true, ask)) {
    last = sum;
    pages += 1;
    if (pages === COUNTED_PAGES_MAX) break;
  }
  return last;
}

/** Gives the sum after each page, and ends early when `isStopped`. */
export async function* decided(
  verb: Verb,
  chosen: Chosen,
  isStopped: () => boolean,
  ask: Ask = asked,
): AsyncGenerator<Counted> {
  for await (const sum of summed(verb, chosen, false, ask)) {
    yield sum;
    if (isStopped()) return;
  }
}

async function* summed(verb: Verb, chosen: Chosen, isDry: boolean, ask: Ask): AsyncGenerator<Counted> {
  const skipped: string[] = [];
  let count = 0;
  const parts = inParts(chosen);
  for (const [index, part] of parts.entries()) {
    let cursor: string | undefined;
    do {
      const done = await ask(verb, { ...part, dry_run: isDry, ...(cursor ? { cursor } : {}) });
      count += done.count;
      skipped.push(...done.skipped);
      cursor = done.next ?? undefined;
      yield { count, skipped, isWhole: cursor === undefined && index === parts.length - 1 };
    } while (cursor !== undefined);
  }
}

function inParts(chosen: Chosen): Chosen[] {
  if (!("ids" in chosen)) return [chosen];
  const { ids } = chosen;
  const starts = Array.from({ length: Math.ceil(ids.length / PAGE_MAX) }, (_, part) => part * PAGE_MAX);
  return starts.map((start) => ({ ids: ids.slice(start, start + PAGE_MAX) }));
}

async function asked(verb: Verb, body: AskBody): Promise<Decided> {
  const address = verb === "replay" ? "/api/v1/dead-letters/replay" : "/api/v1/dead-letters/discard";
  const { data } = await api.POST(address, { body });
  return data as Decided;
}
