import { describe, expect, it } from "vitest";
import { seriesOf, totals } from "./series";

const NOW = Date.parse("2026-11-27T12:30:00Z");
const point = (hour: string, size: number, entered: number | null = 0, left: number | null = 0) => ({
  hour: `2026-11-27T${hour}:00:00.000Z`,
  size,
  entered,
  left,
});

describe("a series", () => {
  it("goes on where nothing happened, and begins as its first line began", () => {
    const series = seriesOf([point("08", 5, 3, 1), point("10", 9, 4)], 9, "24h", NOW);
    expect(series.map((bucket) => bucket.size)).toEqual([...Array(19).fill(3), 5, 5, 9, 9, 9]);
    expect(series.at(-1)?.at).toBe(Date.parse("2026-11-27T12:00:00Z"));
    expect(totals(series)).toEqual({ entered: 7, left: 1 });
  });

  it("joins hours of one bucket", () => {
    const series = seriesOf([point("09", 2, 2), point("10", 1, 0, 1)], 1, "7d", NOW);
    expect(series).toHaveLength(56);
    expect(series.at(-2)).toMatchObject({ size: 1, entered: 2, left: 1 });
  });

  it("is flat when nothing happened, and counts nothing that was not counted", () => {
    expect(new Set(seriesOf([], 4, "30d", NOW).map((bucket) => bucket.size))).toEqual(new Set([4]));
    expect(totals(seriesOf([point("10", 9, null, null)], 9, "24h", NOW))).toEqual({ entered: 0, left: 0 });
  });
});
