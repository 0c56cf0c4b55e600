import { describe, expect, it } from "vitest";
import { readCondition } from "~/components/builder/model/read";
import { purchaseOf, templatesOf } from "./templates";

const SEEN = {
  events: ["Product Viewed", "Order Refunded", "Product Added", "Order Completed"],
  amounts: ["coupon", "order_id", "total"],
};

describe("templates", () => {
  it.each(templatesOf(SEEN))("$name has a form", ({ where }) => {
    expect(JSON.stringify(readCondition(where))).not.toContain('"code"');
  });

  it("are about what this workspace has sent", () => {
    const made = new Map(templatesOf(SEEN).map(({ id, where }) => [id, where]));
    expect(made.get("high-value")).toEqual({
      all: [{ event: "Order Completed", sum: { property: "total", op: ">=", value: 500 } }],
    });
    expect(made.get("abandoned-cart")).toEqual({
      all: [{ event: "Product Added", within: "3d" }, { not: { event: "Order Completed", within: "3d" } }],
    });
  });

  it.each([
    [["Viewed", "order_completed"], "order_completed"],
    [["Viewed", "Purchase"], "Purchase"],
    [["Subscription Started"], "Subscription Started"],
    [["Viewed"], ""],
    [[], ""],
  ])("of %j the event that somebody buys with is %j", (events, bought) => {
    expect(purchaseOf(events)).toBe(bought);
  });
});
