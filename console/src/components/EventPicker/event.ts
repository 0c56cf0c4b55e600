/** An event as somebody writes it, and as a line that says which one it is. */

import type { RecentEvent } from "~/api/schema";

export type Event = Record<string, unknown>;

export type Parsed = { event: Event; mistake?: undefined } | { event?: undefined; mistake: string };

/** What a text says when it is an event: a JSON object. */
export function parseEvent(text: string): Parsed {
  if (!text.trim()) return { mistake: "There is no event yet: choose one, or paste one as JSON." };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { mistake: `This is not JSON: ${(error as Error).message}` };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return { mistake: 'An event is a JSON object, as in {"type": "track", "event": "Signed Up"}.' };
  return { event: value as Event };
}

/** "Order Completed", "page Home", "identify". */
export function titleOf(event: Event): string {
  const type = typeof event.type === "string" ? event.type : "event";
  const name = type === "track" ? event.event : event.name;
  if (typeof name !== "string" || !name) return type;
  return type === "track" ? name : `${type} ${name}`;
}

/** Whom it is about, in as few letters as tell. */
export function whoseOf(event: Event): string {
  const { userId, anonymousId } = event;
  if (typeof userId === "string" && userId) return userId;
  if (typeof anonymousId === "string" && anonymousId) return `anonymous ${anonymousId.slice(0, 8)}`;
  return "nobody";
}

export function textOf(event: RecentEvent): string {
  return JSON.stringify(event.body, null, 2);
}
