import { describe, expect, it } from "vitest";
import { reachOf } from "./reach";

const member = (...types: string[]) => ({
  external_ids: types.map((type, index) => ({ type, value: `v${index}`, since: "2026-01-01" })),
});

describe("reach", () => {
  it("counts every id of the default types, and none of custom ones", () => {
    const found = reachOf([member("user_id", "email", "email"), member("loyalty_id")], 2, {}, 2);
    expect(found).toEqual({ people: 1, without: 1, messages: 6, isEstimate: false });
  });

  it("counts one of a type of which one is told", () => {
    const found = reachOf([member("email", "email", "user_id")], 1, { email: "last_added" }, 1);
    expect(found).toEqual({ people: 1, without: 0, messages: 1, isEstimate: false });
  });

  it("is an estimate when not everybody was looked at", () => {
    const found = reachOf([member("email"), member("email")], 1_000, { email: "all" }, 2);
    expect(found).toEqual({ people: 1_000, without: 0, messages: 2_000, isEstimate: true });
  });

  it("is nothing of nobody", () => {
    expect(reachOf([], 0, {}, 2)).toEqual({ people: 0, without: 0, messages: 0, isEstimate: false });
  });
});
