import { expect, it } from "vitest";
import type { OverviewNow } from "~/api/schema";
import { fromMinutes, type Moment, SPAN_MS, trendOf, withMoment } from "./moments";

const NOON = Date.parse("2026-01-01T12:00:00Z");

function answer(at: number, accepted: number | null): OverviewNow {
  const rates = { collected: accepted, accepted, dropped: 0, delivered: 1 };
  return { at: new Date(at).toISOString(), rates } as OverviewNow;
}

it("keeps a quarter of an hour", () => {
  let moments: readonly Moment[] = [];
  for (let second = 0; second < 3_600; second += 2) {
    moments = withMoment(moments, answer(NOON + second * 1_000, second));
  }
  expect(moments[0]?.at).toBeGreaterThan(NOON + 3_598_000 - SPAN_MS);
  expect(moments.at(-1)?.accepted).toBe(3_598);
});

it("takes neither an answer twice nor one without rates", () => {
  const once = withMoment([], answer(NOON, 5));
  expect(withMoment(once, answer(NOON, 5))).toBe(once);
  expect(withMoment(once, answer(NOON + 2_000, null))).toBe(once);
});

it("puts whole minutes before the first moment", () => {
  const times = [0, 1, 2].map((minute) => new Date(NOON + minute * 60_000).toISOString());
  const made = fromMinutes(times, [60, 120, 180], NOON + 130_000);
  expect(made.map((each) => each.accepted)).toEqual([1, 2]);
});

it("has the trend of the last minutes", () => {
  const moments = [0, 4, 8].map((minute) => ({
    at: NOON + minute * 60_000,
    accepted: minute,
    dropped: 0,
    delivered: 2 * minute,
  }));
  expect(trendOf(moments, "accepted")).toEqual([4, 8]);
  expect(trendOf(moments, "delivered")).toEqual([8, 16]);
  expect(trendOf([], "accepted")).toEqual([]);
});
