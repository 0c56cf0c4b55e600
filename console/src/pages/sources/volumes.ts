/** Events of each source in the last 24 hours, as the list draws them. */

import { $api } from "~/api/client";
import type { EventVolume } from "~/api/schema";

const EVERY_MS = 15_000;

export interface Volume {
  points: number[];
  lastHour: number;
  last24Hours: number;
}

export function useVolumes(): (source: string) => Volume | undefined {
  const { data } = $api.useQuery(
    "get",
    "/api/v1/events/volume",
    { params: { query: { since: "24h", by: "source" } } },
    { refetchInterval: EVERY_MS },
  );
  return (source) => data && volume(data, source);
}

/** Zero, of a source that has sent nothing. */
export function volume(found: EventVolume, source: string): Volume {
  const points = found.series.find((each) => each.name === source)?.points ?? found.times.map(() => 0);
  const hour = Math.max(1, Math.round(3_600 / found.step_s));
  const sum = (part: number[]) => part.reduce((total, each) => total + each, 0);
  return { points, lastHour: sum(points.slice(-hour)), last24Hours: sum(points) };
}
