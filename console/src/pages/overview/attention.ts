/** What needs attention, as the overview shows it: of one kind in one row, and counted by severity. Pure. */

import type { Attention } from "~/api/schema";

export interface AttentionRow {
  /** What is said of it: the entry that came first. */
  item: Attention;
  /** Others of the same kind, about something else. */
  others: Attention[];
}

/** In the order in which the first of each kind came: the API has put the worst first. */
export function inRows(items: readonly Attention[]): AttentionRow[] {
  const rows = new Map<string, AttentionRow>();
  for (const item of items) {
    // What is about nothing in particular is of a kind of its own: its sentence says it all.
    const kind = item.subject ? `${item.severity} ${item.rule}` : `${item.rule} ${item.what}`;
    const row = rows.get(kind);
    if (row) row.others.push(item);
    else rows.set(kind, { item, others: [] });
  }
  return [...rows.values()];
}

/** How many there are of each severity, the worst first. */
export function bySeverity(items: readonly Attention[]): [Attention["severity"], number][] {
  return (["critical", "warning", "notice"] as const)
    .map((severity): [Attention["severity"], number] => [
      severity,
      items.filter((item) => item.severity === severity).length,
    ])
    .filter(([, count]) => count > 0);
}
