/** The list of destinations: what several answers of the API say about each, put together. Pure. */

import type { DestinationLine, DestinationNow, DestinationVolume, TypeShape } from "~/api/schema";
import { asState, type State } from "./state";

export interface Row {
  name: string;
  type: string;
  typeLabel: string;
  /** null: not known yet. */
  state: State | null;
  sources: string[];
  /** Keys of traits and audiences that it is told about. */
  connected: string[];
  /** In the last hour; null: not known yet. */
  volume: DestinationVolume | null;
  points: number[];
  deadLetters: number;
  retries: number;
  waiting: number;
}

interface Told {
  key: string;
  destinations: string[];
}

export function rowsOf(
  lines: readonly DestinationLine[],
  types: readonly TypeShape[],
  now: readonly DestinationNow[],
  volumes: { since: string; step_s: number; destinations: readonly DestinationVolume[] } | undefined,
  told: readonly Told[],
): Row[] {
  return lines.map((line) => {
    const current = now.find((each) => each.name === line.name);
    const volume = volumes?.destinations.find((each) => each.destination === line.name) ?? null;
    return {
      name: line.name,
      type: line.type,
      typeLabel: types.find((each) => each.name === line.type)?.label ?? line.type,
      state: !line.enabled ? "off" : current ? asState(current.state) : null,
      sources: line.sources,
      connected: told.filter((each) => each.destinations.includes(line.name)).map((each) => each.key),
      volume,
      points: volume && volumes ? pointsOf(volume, volumes.since, volumes.step_s) : [],
      deadLetters: current?.dead_letters ?? 0,
      retries: current?.retries ?? 0,
      waiting: current?.lag_events ?? 0,
    };
  });
}

/** Attempts of each step of the last hour, the one that has begun included: those in which nothing happened are zero. */
export function pointsOf(volume: DestinationVolume, since: string, step_s: number): number[] {
  const begin = Date.parse(since);
  const steps = Math.max(1, Math.round(3_600 / step_s)) + 1;
  const points = new Array<number>(steps).fill(0);
  for (const step of volume.steps) {
    const place = Math.floor((Date.parse(step.at) - begin) / (step_s * 1_000));
    if (place >= 0 && place < steps) points[place] = step.delivered + step.failed + step.retrying;
  }
  return points;
}

export function matching(rows: readonly Row[], text: string, state: State | undefined): Row[] {
  const wanted = text.trim().toLowerCase();
  return rows.filter(
    (row) =>
      (!state || row.state === state) &&
      [row.name, row.type, row.typeLabel, ...row.sources].some((said) => said.toLowerCase().includes(wanted)),
  );
}
