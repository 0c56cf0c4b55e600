import { describe, expect, it } from "vitest";
import type { Decided } from "~/api/schema";
import { counted, decided } from "./decide";

function pages(...found: Partial<Decided>[]) {
  const asked: unknown[] = [];
  let at = 0;
  const ask = async (verb: string, body: object) => {
    asked.push([verb, body]);
    const next = at + 1 < found.length ? String(at + 1) : null;
    return { count: 0, skipped: [], dry_run: false, next, ...found[at++] } as Decided;
  };
  return { ask, asked };
}

describe("counting", () => {
  it("adds up all pages without doing anything", async () => {
    const { ask, asked } = pages({ count: 1000 }, { count: 20, skipped: ["1.-1"] });
    const found = await counted("discard", { filter: { stage: "govern" } }, ask);
    expect(found).toEqual({ count: 1020, skipped: ["1.-1"], isWhole: true });
    expect(asked).toEqual([
      ["discard", { filter: { stage: "govern" }, dry_run: true }],
      ["discard", { filter: { stage: "govern" }, dry_run: true, cursor: "1" }],
    ]);
  });

  it("says when it did not look at all of them", async () => {
    const { ask } = pages(...Array.from({ length: 200 }, () => ({ count: 1000 })));
    expect(await counted("replay", { filter: {} }, ask)).toEqual({
      count: 100_000,
      skipped: [],
      isWhole: false,
    });
  });
});

describe("deciding", () => {
  it("tells how far it is", async () => {
    const { ask } = pages({ count: 1000 }, { count: 5 });
    const sums = [];
    for await (const { count, isWhole } of decided("replay", { filter: {} }, () => false, ask))
      sums.push([count, isWhole]);
    expect(sums).toEqual([
      [1000, false],
      [1005, true],
    ]);
  });

  it("takes ids in parts that one call bears", async () => {
    const ids = Array.from({ length: 1500 }, (_, n) => `${n}.0`);
    const { ask, asked } = pages({ count: 1000, next: null }, { count: 500, next: null });
    const sums = [];
    for await (const { count, isWhole } of decided("discard", { ids }, () => false, ask))
      sums.push([count, isWhole]);
    expect(asked).toHaveLength(2);
    expect(sums).toEqual([
      [1000, false],
      [1500, true],
    ]);
  });

  it("stops after the page that is under way", async () => {
    const { ask, asked } = pages({ count: 1000 }, { count: 1000 });
    for await (const _ of decided("replay", { filter: {} }, () => true, ask));
    expect(asked).toHaveLength(1);
  });
});
