/** The two sides of an unmerge beside each other: what each keeps. */

import type { Side } from "~/api/schema";

export interface TraitRow {
  key: string;
  /** The value on each side, in their order; undefined: it has none. */
  values: unknown[];
  /** Not the same everywhere. */
  differs: boolean;
}

/** Every trait that a side has, those that differ first, then by key. */
export function traitRows(sides: readonly Side[]): TraitRow[] {
  const keys = new Set(sides.flatMap((side) => Object.keys(side.traits)));
  const rows = [...keys].map((key) => {
    const values = sides.map((side) => side.traits[key]);
    const differs = new Set(values.map((value) => JSON.stringify(value))).size > 1;
    return { key, values, differs };
  });
  return rows.sort((one, other) => Number(other.differs) - Number(one.differs) || order(one.key, other.key));
}

/** Audiences of all sides, by key, with who is in them. */
export function audienceRows(sides: readonly Side[]): { key: string; isIn: boolean[] }[] {
  const keys = [...new Set(sides.flatMap((side) => side.audiences))].sort(order);
  return keys.map((key) => ({ key, isIn: sides.map((side) => side.audiences.includes(key)) }));
}

function order(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
