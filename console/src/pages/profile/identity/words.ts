/** What happened to an identity, in words. */

import type { EventMark, Id, IdentityGraph } from "~/api/schema";
import { counted } from "~/format/format";

/** "Order Completed", "identify", "page Home"; of an event that is not found, its message id. */
export function nameOf(event: Pick<EventMark, "message_id" | "type" | "name">): string {
  if (!event.type) return event.message_id || "an event";
  if (!event.name) return event.type;
  return event.type === "track" ? event.name : `${event.type} ${event.name}`;
}

export function listOf(ids: readonly Id[]): string {
  return ids.map((id) => `${id.type} ${id.value}`).join(", ") || "no id";
}

/** One sentence above the picture. */
export function summary(graph: IdentityGraph): string {
  const ids = counted(graph.ids.length + graph.ids_more, "external id");
  const parts = graph.profiles.length - 1 + graph.profiles_more;
  if (parts === 0) return `Never merged, known by ${ids}.`;
  return `${counted(parts + 1, "profile")} merged into one, known by ${ids}.`;
}

/** Enough of a segment id to tell it from the others on the page. */
export function shortened(segmentId: string): string {
  return `${segmentId.slice(0, 12)}…`;
}
