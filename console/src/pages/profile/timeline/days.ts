/** Events of a timeline by the day on which they count, in the reader's time zone. */

import type { TimelineEvent } from "~/api/schema";

export interface DayGroup {
  /** As in 2026-01-31; what groups, not what is shown. */
  day: string;
  events: TimelineEvent[];
}

/** In the order in which the events come: newest first. */
export function byDay(events: readonly TimelineEvent[]): DayGroup[] {
  const groups: DayGroup[] = [];
  for (const event of events) {
    const day = dayOf(event.at);
    const last = groups.at(-1);
    if (last?.day === day) last.events.push(event);
    else groups.push({ day, events: [event] });
  }
  return groups;
}

export function dayOf(instant: string): string {
  const at = new Date(instant);
  return [at.getFullYear(), at.getMonth() + 1, at.getDate()]
    .map((part) => String(part).padStart(2, "0"))
    .join("-");
}

const words = new Intl.DateTimeFormat(undefined, {
  weekday: "long",
  day: "numeric",
  month: "long",
  year: "numeric",
});

/** "Friday, 27 November 2026"; "Today" and "Yesterday" by the clock of the reader. */
export function titleOf(day: string, now: Date): string {
  if (day === dayOf(now.toISOString())) return "Today";
  const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
  if (day === dayOf(yesterday.toISOString())) return "Yesterday";
  const [year, month, date] = day.split("-").map(Number) as [number, number, number];
  return words.format(new Date(year, month - 1, date));
}

/** Days without events have a place in a chart, too; the last `most` of them. Days are those of UTC. */
export function withEmptyDays(
  days: readonly { day: string; events: number }[],
  most: number,
): { day: string; events: number }[] {
  const [first, last] = [days[0], days.at(-1)];
  if (!first || !last) return [];
  const events = new Map(days.map((each) => [each.day, each.events]));
  const all: { day: string; events: number }[] = [];
  for (let at = Date.parse(last.day); at >= Date.parse(first.day) && all.length < most; at -= DAY_MS) {
    const day = new Date(at).toISOString().slice(0, 10);
    all.push({ day, events: events.get(day) ?? 0 });
  }
  return all.reverse();
}

const DAY_MS = 86_400_000;
