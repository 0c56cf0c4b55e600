/** Changes by the item that they are in: what one would take back by itself. */

import type { VersionDetail } from "~/api/schema";

type Change = VersionDetail["changes"][number];

export interface Item {
  /** As `destinations[crm]`, or a value as `settings`. */
  path: string;
  changes: Change[];
}

/** The item or value that a path is in; the order of a list belongs to the whole list. */
export function itemOf(path: string): string {
  return /^\w+(?:\[.+?\](?=[.[ ]|$))?/.exec(path)?.[0] ?? path;
}

/** In the order in which they come. */
export function byItem(changes: readonly Change[]): Item[] {
  const items = new Map<string, Change[]>();
  for (const change of changes) {
    const path = itemOf(change.path);
    items.set(path, [...(items.get(path) ?? []), change]);
  }
  return [...items].map(([path, found]) => ({ path, changes: found }));
}

/** For people: `destinations[crm]` is "destination crm". */
export function nameOf(path: string): string {
  const found = /^(\w+)\[(.+)\]$/.exec(path);
  if (!found) return path.replaceAll("_", " ");
  const [, section = "", name = ""] = found;
  return `${section.replace(/s$/, "").replaceAll("_", " ")} ${name}`;
}
