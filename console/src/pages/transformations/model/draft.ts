/** A transformation while somebody edits it: complete where the API leaves out what is as by default. */

import type { Hashing, Transformation } from "~/api/schema";

export interface Draft {
  name: string;
  description: string;
  enabled: boolean;
  sources: string[];
  destination: string;
  if: string;
  drop: boolean;
  rename_event: string;
  allow_properties: string[];
  drop_properties: string[];
  rename_properties: Record<string, string>;
  map_properties: Record<string, Record<string, unknown>>;
  drop_values: string[];
  move_values: Record<string, string>;
  set_values: Record<string, unknown>;
  fql_values: Record<string, string>;
  hash_values: Partial<Hashing>;
}

/** The parts of a draft that change an event, in the order in which people think of them. */
export const CHANGES = [
  "drop",
  "rename_event",
  "rename_properties",
  "drop_properties",
  "allow_properties",
  "map_properties",
  "set_values",
  "fql_values",
  "move_values",
  "drop_values",
  "hash_values",
] as const;

export type ChangeKey = (typeof CHANGES)[number];

export const EMPTY: Draft = {
  name: "",
  description: "",
  enabled: true,
  sources: [],
  destination: "",
  if: "",
  drop: false,
  rename_event: "",
  allow_properties: [],
  drop_properties: [],
  rename_properties: {},
  map_properties: {},
  drop_values: [],
  move_values: {},
  set_values: {},
  fql_values: {},
  hash_values: {},
};

export function draftOf(definition: Partial<Transformation> | Record<string, unknown>): Draft {
  const { version: _, ...said } = definition as Partial<Transformation>;
  return { ...EMPTY, ...said } as Draft;
}

/** As the API takes it, without what says nothing. */
export function definitionOf(draft: Draft): Transformation {
  const said = Object.entries(draft).filter(
    ([key, value]) => key === "name" || !isSame(value, EMPTY[key as keyof Draft]),
  );
  return Object.fromEntries(said) as unknown as Transformation;
}

export function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Whether a part says anything. */
export function has(draft: Draft, key: ChangeKey): boolean {
  const value = draft[key];
  if (typeof value !== "object") return Boolean(value);
  return key === "hash_values"
    ? Boolean(draft.hash_values.paths?.length)
    : Object.keys(value as object).length > 0;
}

export function doesSomething(draft: Draft): boolean {
  return CHANGES.some((key) => has(draft, key));
}

/** Whether it takes away what others may not see: then an event that it cannot be applied to must not pass. */
export function hides(draft: Draft): boolean {
  return (["drop", "allow_properties", "drop_properties", "drop_values", "hash_values"] as const).some(
    (key) => has(draft, key),
  );
}

/** What it does, a few words each. */
export function inWords(draft: Draft): string[] {
  if (draft.drop) return ["drops the event"];
  const said: string[] = [];
  const some = (names: string[], verb: string) => {
    if (names.length) said.push(`${verb} ${names.slice(0, 3).join(", ")}${names.length > 3 ? ", …" : ""}`);
  };
  const pairs = (map: Record<string, string>) => Object.entries(map).map(([from, to]) => `${from} → ${to}`);
  if (draft.rename_event) said.push(`renames the event to ${draft.rename_event}`);
  some(pairs(draft.rename_properties), "renames");
  some(draft.drop_properties, "removes");
  some(draft.allow_properties, "keeps only");
  some(Object.keys(draft.map_properties), "maps values of");
  some(Object.keys(draft.set_values), "sets");
  some(Object.keys(draft.fql_values), "computes");
  some(pairs(draft.move_values), "moves");
  some(draft.drop_values, "removes");
  some(draft.hash_values.paths ?? [], "hashes");
  return said;
}

// --- lists of pairs ---------------------------------------------------------------------------------------------

/** One pair after another keeps its place when its key is edited; a key that is taken is refused. */
export function withKey<Value>(
  map: Record<string, Value>,
  key: string,
  next: string,
): Record<string, Value> | null {
  if (key === next) return map;
  if (next in map) return null;
  return Object.fromEntries(Object.entries(map).map(([each, value]) => [each === key ? next : each, value]));
}

export function without<Value>(map: Record<string, Value>, key: string): Record<string, Value> {
  const { [key]: _, ...rest } = map;
  return rest;
}

/** The same list with one item at another place. */
export function moved<Item>(items: readonly Item[], from: number, to: number): Item[] {
  const result = [...items];
  const [item] = result.splice(from, 1);
  if (item !== undefined) result.splice(Math.max(0, Math.min(to, result.length)), 0, item);
  return result;
}
