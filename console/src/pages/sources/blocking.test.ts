import { describe, expect, it } from "vitest";
import { blocking, isBlocked, isTraitBlocked, traitBlocking } from "./blocking";
import { whole } from "./source";

const SOURCE = whole({
  name: "website",
  schema: { block_events: ["Debug"], block_pages: true, block_identify_traits: ["ssn"] },
} as never);

describe("blocking", () => {
  it.each([
    ["track", "Debug", true],
    ["track", "Order Completed", false],
    ["page", "Home", true],
    ["screen", "Home", false],
    ["identify", "", false],
  ])("knows whether %s %s is blocked", (call, event, blocked) => {
    expect(isBlocked(SOURCE, { call, event })).toBe(blocked);
  });

  it.each([
    ["track", "Debug"],
    ["track", "Order Completed"],
    ["page", ""],
    ["screen", ""],
  ])("turns %s %s, and back to what it was", (call, event) => {
    const row = { call, event };
    const next = blocking(SOURCE, row);
    expect(next && isBlocked(next, row)).toBe(!isBlocked(SOURCE, row));
    expect(next && blocking(next, row)).toEqual(SOURCE);
  });

  it("does not block calls as a whole that say who somebody is", () => {
    expect(blocking(SOURCE, { call: "identify", event: "" })).toBeNull();
  });

  it("blocks traits one by one, and no properties", () => {
    const row = { call: "identify", event: "" };
    expect(isTraitBlocked(SOURCE, row, "ssn")).toBe(true);
    expect(traitBlocking(SOURCE, row, "ssn")?.schema.block_identify_traits).toEqual([]);
    expect(traitBlocking(SOURCE, { call: "group", event: "" }, "plan")?.schema.block_group_traits).toEqual([
      "plan",
    ]);
    expect(traitBlocking(SOURCE, { call: "track", event: "Debug" }, "a")).toBeNull();
  });
});
