import { describe, expect, it } from "vitest";
import { circlesOf, distance, inAll, lens } from "./venn";

const REGIONS = [
  { audiences: ["a"], count: 60 },
  { audiences: ["b"], count: 20 },
  { audiences: ["a", "b"], count: 40 },
  { audiences: ["a", "b", "c"], count: 10 },
];

describe("circles", () => {
  it("count who is in all of some audiences", () => {
    expect([inAll(REGIONS, ["a"]), inAll(REGIONS, ["a", "b"]), inAll(REGIONS, ["c", "b"])]).toEqual([
      110, 50, 10,
    ]);
  });

  it.each([
    [1, 1, 0.5],
    [1, 0.5, 0.3],
    [0.4, 1, 0.02],
  ])("of %d and %d overlap in %d", (one, other, area) => {
    expect(lens(one, other, distance(one, other, area))).toBeCloseTo(area, 6);
  });

  it("stand apart when they share nobody, and inside one another when one is a part", () => {
    expect(distance(1, 0.5, 0)).toBeGreaterThan(1.5);
    expect(distance(1, 0.5, Math.PI * 0.25)).toBe(0.5);
    expect(lens(1, 0.5, 0)).toBeCloseTo(Math.PI * 0.25);
  });

  it("have areas in the proportion of their sizes", () => {
    const [a, b] = circlesOf(["a", "b"], REGIONS);
    expect(((b?.r ?? 0) / (a?.r ?? 1)) ** 2).toBeCloseTo(70 / 110);
    expect((lens(a?.r ?? 0, b?.r ?? 0, b?.x ?? 0) / Math.PI) * 110).toBeCloseTo(50, 4);
  });

  it("are all there, whatever the numbers are", () => {
    for (const made of [circlesOf(["a", "b", "c"], REGIONS), circlesOf(["a", "b", "c"], [])]) {
      expect(made).toHaveLength(3);
      expect(made.every(({ x, y, r }) => [x, y, r].every(Number.isFinite))).toBe(true);
    }
  });
});
