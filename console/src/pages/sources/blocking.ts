/** What a source is told not to take, whatever a plan says. Pure. */

import type { EventLine } from "~/api/schema";
import { toggled, type WholeSource, withSchema } from "./source";

/** "Order Completed", "page Home", "every page", "identify". */
export function nameOf(row: Pick<EventLine, "call" | "event">): string {
  if (row.event) return row.event;
  return row.call === "page" || row.call === "screen" ? `${row.call} without a name` : row.call;
}

type Named = Pick<EventLine, "call" | "event">;

export function isBlocked(source: WholeSource, row: Named): boolean {
  const { schema } = source;
  if (row.call === "track") return schema.block_events.includes(row.event);
  return (row.call === "page" && schema.block_pages) || (row.call === "screen" && schema.block_screens);
}

/** The source with the event blocked, or taken again; null: calls of this kind are not blocked as a whole. */
export function blocking(source: WholeSource, row: Named): WholeSource | null {
  const next = !isBlocked(source, row);
  switch (row.call) {
    case "track":
      return withSchema(source, { block_events: toggled(source.schema.block_events, row.event, next) });
    case "page":
      return withSchema(source, { block_pages: next });
    case "screen":
      return withSchema(source, { block_screens: next });
    default:
      return null;
  }
}

/** Whether a trait is taken out of identify or group calls; null: it is a property, of which the plan decides. */
export function isTraitBlocked(source: WholeSource, row: Named, trait: string): boolean | null {
  const list = traitList(row);
  return list && source.schema[list].includes(trait);
}

export function traitBlocking(source: WholeSource, row: Named, trait: string): WholeSource | null {
  const list = traitList(row);
  if (!list) return null;
  const blocked = source.schema[list];
  return withSchema(source, { [list]: toggled(blocked, trait, !blocked.includes(trait)) });
}

function traitList(row: Named): "block_identify_traits" | "block_group_traits" | null {
  if (row.call === "identify") return "block_identify_traits";
  return row.call === "group" ? "block_group_traits" : null;
}
