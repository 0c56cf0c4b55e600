/** What the chart of the overview shows, for each of its ranges. */

import { $api } from "~/api/client";
import type { EventVolume } from "~/api/schema";
import { fromMinutes, type Moment, SPAN_MS } from "./moments";
import type { Range } from "./routes";

export interface Line {
  key: string;
  label: string;
  color: string;
}

export interface Chart {
  lines: readonly Line[];
  rows: readonly Record<string, number>[];
  from: number;
  to: number;
  perSecond: boolean;
}

const ACCEPTED: Line = { key: "accepted", label: "Accepted", color: "water.5" };
const DUPLICATES: Line = { key: "duplicate", label: "Duplicates", color: "gray.5" };
const DROPPED: Line = { key: "dropped", label: "Not accepted", color: "red.6" };

/** What people have decided is counted as an outcome too, and is no event's end. */
const DECISIONS = new Set(["replayed", "discarded", "dead_letter_gone", "sent_again"]);

export function useChart(range: Range, moments: readonly Moment[]) {
  const isLive = range === "live";
  const minutes = $api.useQuery(
    "get",
    "/api/v1/events/volume",
    { params: { query: { since: "1h", by: "total", step: 60 } } },
    { enabled: isLive, staleTime: Number.POSITIVE_INFINITY },
  );
  const hours = $api.useQuery(
    "get",
    "/api/v1/events/volume",
    { params: { query: { since: isLive ? "24h" : range, by: "outcome" } } },
    { enabled: !isLive, refetchInterval: 30_000 },
  );
  if (isLive) return { chart: minutes.isPending ? null : liveChart(moments, minutes.data), error: null };
  return { chart: hours.data ? hourChart(hours.data) : null, error: hours.error };
}

export function liveChart(moments: readonly Moment[], minutes: EventVolume | undefined): Chart {
  const to = moments.at(-1)?.at ?? Date.now();
  const first = moments[0]?.at ?? to;
  const before = minutes ? fromMinutes(minutes.times, minutes.series[0]?.points ?? [], first) : [];
  const rows = [...before, ...moments].map(({ at, accepted, dropped }) => ({ at, accepted, dropped }));
  return { lines: seen([ACCEPTED, DROPPED], rows), rows, from: to - SPAN_MS, to, perSecond: true };
}

export function hourChart(volume: EventVolume): Chart {
  const rows = volume.times.map((time) => ({ at: Date.parse(time), accepted: 0, duplicate: 0, dropped: 0 }));
  for (const { name, points } of volume.series) {
    if (DECISIONS.has(name)) continue;
    const key = name === "accepted" || name === "duplicate" ? name : "dropped";
    for (const [index, events] of points.entries()) {
      const row = rows[index];
      if (row) row[key] += events;
    }
  }
  return {
    lines: seen([ACCEPTED, DUPLICATES, DROPPED], rows),
    rows,
    from: Date.parse(volume.since),
    to: Date.parse(volume.until),
    perSecond: false,
  };
}

/** Those that have something to show; what was accepted always has. */
function seen(lines: readonly Line[], rows: readonly Record<string, number>[]): Line[] {
  return lines.filter((line) => line === ACCEPTED || rows.some((row) => row[line.key]));
}
