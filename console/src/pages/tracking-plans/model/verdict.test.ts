import { describe, expect, it } from "vitest";
import { verdict } from "./verdict";

const FOUND = { looked_at: 100, blocked: 0, omitted: 0, newly_blocked: 0, newly_passing: 0, is_whole: true };

describe("verdict", () => {
  it("does not call it harmless when a plan that is enforced blocks events", () => {
    const { color, title } = verdict({ ...FOUND, blocked: 2 }, true);
    expect(color).toBe("blue");
    expect(title).toBe("The plan already works like this: it blocks 2 of 100 events");
  });

  it("tells what is blocked anyway from what would be blocked", () => {
    expect(verdict({ ...FOUND, blocked: 2 }, false)).toEqual({
      color: "green",
      title: "No additional events would be blocked",
      text: "2 events would be blocked, and are blocked today as well.",
    });
    expect(verdict({ ...FOUND, blocked: 2, newly_blocked: 1 }, false).title).toBe(
      "1 event that passes today would be blocked",
    );
  });

  it("says when all of them pass", () => {
    expect(verdict(FOUND, true).title).toBe("All 100 events pass this plan");
    expect(verdict(FOUND, false).title).toBe("All 100 events would pass");
    expect(verdict({ ...FOUND, is_whole: false }, false).title).toBe("The newest 100 events would pass");
  });

  it("says when something is left out", () => {
    expect(verdict({ ...FOUND, omitted: 1 }, false).title).toBe(
      "1 event would pass without some of its properties",
    );
    expect(verdict({ ...FOUND, omitted: 3 }, true).title).toBe(
      "The plan already works like this: it removes properties from 3 of 100 events",
    );
  });
});
