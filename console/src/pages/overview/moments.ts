/** The rates of the last quarter of an hour, as far as somebody has looked: kept while the console is open. */

import type { OverviewNow } from "~/api/schema";

export interface Moment {
  /** Unix milliseconds. */
  at: number;
  accepted: number;
  dropped: number;
  delivered: number;
}

export const SPAN_MS = 15 * 60_000;

/** More would be closer together than pixels are. */
const MOMENTS_MAX = 900;

/** `moments` with the rates of this answer, without what is too old or has no rates. */
export function withMoment(moments: readonly Moment[], now: OverviewNow): readonly Moment[] {
  const { accepted, dropped, delivered } = now.rates;
  const at = Date.parse(now.at);
  if (accepted === null || at <= (moments.at(-1)?.at ?? 0)) return moments;
  const kept = moments.filter((each) => each.at > at - SPAN_MS).slice(1 - MOMENTS_MAX);
  return [...kept, { at, accepted, dropped: dropped ?? 0, delivered: delivered ?? 0 }];
}

/**
 * What stands before the first moment: accepted events a second of each whole minute, from counts by the minute.
 */
export function fromMinutes(
  times: readonly string[],
  points: readonly number[],
  before: number,
): readonly Moment[] {
  return times
    .map((time, index) => ({
      at: Date.parse(time) + 30_000,
      accepted: (points[index] ?? 0) / 60,
      dropped: 0,
      delivered: 0,
    }))
    .filter((each) => each.at < before - 30_000 && each.at > before - SPAN_MS);
}

const TREND_MS = 5 * 60_000;

/** One rate of the last minutes, for a line beside the number. */
export function trendOf(moments: readonly Moment[], rate: "accepted" | "delivered"): number[] {
  const from = (moments.at(-1)?.at ?? 0) - TREND_MS;
  return moments.filter((each) => each.at > from).map((each) => each[rate]);
}
