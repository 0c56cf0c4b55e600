import { describe, expect, it } from "vitest";
import { conditionsOf, titleOf } from "./words";

describe("titleOf", () => {
  it.each([
    [{}, "Events through the pipeline"],
    [{ to: "crm", events: ["A", "B"], sources: ["web"] }, "A, B from web to crm"],
    [{ to: "crm", types: ["track"] }, "track calls to crm"],
    [{ to: "crm", from: "dead_letters" as const, reason: "404" }, "Dead letters with 404 to crm"],
    [{ events: ["a", "b", "c", "d", "e"] }, "a, b, c and 2 more through the pipeline"],
  ])("calls %j %s", (asked, title) => expect(titleOf(asked)).toBe(title));
});

describe("conditionsOf", () => {
  it("has a phrase for each", () => {
    const asked = { since: "7d", where: "properties.total > 5", audience: "buyers" };
    expect(conditionsOf(asked)).toEqual([
      "received since 7 days before it started",
      "members of buyers",
      "where properties.total > 5",
    ]);
  });

  it("has none where everything is meant", () => expect(conditionsOf({ to: "crm" })).toEqual([]));
});
