import { expect, test } from "vitest";
import type { Side } from "~/api/schema";
import { audienceRows, traitRows } from "./sides";

function side(traits: Record<string, unknown>, audiences: string[] = []): Side {
  return { segment_id: "use_1", external_ids: [], traits, audiences, events_count: 0 };
}

test("traits that differ stand first, the others by key", () => {
  const rows = traitRows([
    side({ b: 1, a: 1, city: "Oslo" }),
    side({ b: 1, city: "Bergen", a: 1, plan: [1] }),
  ]);
  expect(rows.map((row) => [row.key, row.differs])).toEqual([
    ["city", true],
    ["plan", true],
    ["a", false],
    ["b", false],
  ]);
  expect(rows[1]?.values).toEqual([undefined, [1]]);
});

test("an audience of one side is known to be missing on the other", () => {
  expect(audienceRows([side({}, ["vip", "buyers"]), side({}, ["buyers"])])).toEqual([
    { key: "buyers", isIn: [true, true] },
    { key: "vip", isIn: [true, false] },
  ]);
});
