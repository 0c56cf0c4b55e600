/** The events that the debugger has in memory: the newest ones, and while it is held, those that wait to be shown. */

import type { LiveEvent, RecentEvent } from "~/api/schema";

/** Nobody scrolls further back; what is older is asked for by filter, or in SQL. */
export const EVENTS_MAX = 1_000;

export interface Buffer {
  /** Newest first. */
  shown: readonly LiveEvent[];
  /** Not shown yet, newest first. */
  held: readonly LiveEvent[];
  /** How many have come since it is held; more than are in memory. */
  heldCount: number;
}

export const EMPTY: Buffer = { shown: [], held: [], heldCount: 0 };

/**
 * `buffer` with what has arrived, in the order of arrival. One whose end was not known before takes its own place
 * again. While it is held, what is new is not shown.
 */
export function arrived(buffer: Buffer, events: readonly LiveEvent[], isHeld: boolean): Buffer {
  if (events.length === 0) return buffer;
  const news = new Map(events.map((event) => [event.place, event]));
  const waiting = (event: LiveEvent) => event.outcome === "waiting" && news.has(event.place);
  const settled = (known: readonly LiveEvent[]) => {
    if (!known.some(waiting)) return known;
    return known.map((event) => {
      const now = waiting(event) ? news.get(event.place) : undefined;
      if (now) news.delete(event.place);
      return now ?? event;
    });
  };
  const shown = settled(buffer.shown);
  const held = settled(buffer.held);
  const fresh = [...news.values()].reverse();
  if (isHeld) {
    return { shown, held: front(fresh, held), heldCount: buffer.heldCount + fresh.length };
  }
  return { shown: front([...fresh, ...held], shown), held: [], heldCount: 0 };
}

/** What is held is shown. */
export function released(buffer: Buffer): Buffer {
  return buffer.heldCount === 0 ? buffer : { ...EMPTY, shown: front(buffer.held, buffer.shown) };
}

/** Events from before the stream began, behind what it has brought. */
export function preceded(buffer: Buffer, recent: readonly RecentEvent[]): Buffer {
  const known = new Set([...buffer.shown, ...buffer.held].map((event) => event.place));
  const older = recent.filter((event) => !known.has(event.place)).map(asLive);
  return { ...buffer, shown: front(buffer.shown, older) };
}

function front(newer: readonly LiveEvent[], older: readonly LiveEvent[]): readonly LiveEvent[] {
  return [...newer, ...older].slice(0, EVENTS_MAX);
}

function asLive(event: RecentEvent): LiveEvent {
  return { ...event, outcome: "accepted", bytes: JSON.stringify(event.body).length, stage: "", detail: "" };
}
