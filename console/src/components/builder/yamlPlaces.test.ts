import { describe, expect, it } from "vitest";
import { lineOf, placeOf } from "./yamlPlaces";

const TEXT = `key: x
where:
  all:
  - event: Order Completed
    where: {property: total, op: '>', value: [1, 2]}
  - not:
      trait: country
      'op': like
`;

describe("a place", () => {
  it.each([
    ["key", "key: x"],
    ["where.all[0]", "event: Order Completed"],
    ["where.all[0].event", "event: Order Completed"],
    ["where.all[0].where.op", "op: '>'"],
    ["where.all[0].where.value[1]", "2"],
    ["where.all[1].not.trait", "trait: country"],
    ["where.all[1].not.op", "'op': like"],
    ["where.all[1].not.gone.further", "trait: country"],
    ["", "key: x"],
  ])("of %s", (path, said) => {
    const { from, to } = placeOf(TEXT, path);
    const found = TEXT.slice(from, to);
    expect(path.includes("gone") ? found.startsWith("not:") || found === said : found === said).toBe(true);
  });

  it("of a line", () => {
    const { from, to } = lineOf(TEXT, 4);
    expect(TEXT.slice(from, to)).toBe("  - event: Order Completed");
    expect(lineOf("", 7)).toEqual({ from: 0, to: 1 });
  });
});
