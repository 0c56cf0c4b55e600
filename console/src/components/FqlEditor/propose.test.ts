import { describe, expect, it } from "vitest";
import type { Kind, Suggestion } from "~/api/schema";
import { placeAt } from "./place";
import { optionsAt } from "./propose";

const SEEN: Record<string, string[]> = {
  event: ["Order Completed", "Order Refunded"],
  "property of Order Completed": ["total", "products.$.price", "products.$.name", "product 1"],
  property: ["total", "coupon"],
  trait: ["email"],
};

async function labels(text: string, use = {}): Promise<string[]> {
  const place = placeAt(text);
  if (!place) return [];
  const observe = async (kind: Kind, prefix: string, event?: string): Promise<Suggestion[]> =>
    (SEEN[event ? `${kind} of ${event}` : kind] ?? [])
      .filter((name) => name.includes(prefix))
      .map((name) => ({ text: name, kind, types: ["string"], volume: 3, detail: "" }));
  return (await optionsAt(place, text, use, observe)).map(({ label }) => label);
}

describe("proposals", () => {
  it("are event names after `event =`", async () => {
    expect(await labels('event = "Ord')).toEqual(["Order Completed", "Order Refunded"]);
    expect(await labels("event = ")).toEqual(["Order Completed", "Order Refunded"]);
  });

  it("are properties of the event that the expression asks for, lists as a whole", async () => {
    expect(await labels('event = "Order Completed" and properties.')).toEqual([
      "properties.total",
      "properties.products",
      "properties.product 1",
    ]);
  });

  it("are all properties when it asks for none, or for one that nobody has sent", async () => {
    expect(await labels("properties.c")).toEqual(["properties.coupon"]);
    expect(await labels('event = "New" and properties.c')).toEqual(["properties.coupon"]);
  });

  it("are operators after a path, and only joints after a comparison", async () => {
    expect(await labels("event ")).toContain("!=");
    expect(await labels('event = "A" ')).toEqual(["and", "or"]);
  });

  it("leave out what a trigger may not look at", async () => {
    expect(await labels("me")).toContain("messageId");
    expect(await labels("me", { trigger: true })).not.toContain("messageId");
  });

  it("are the calls after `type =`", async () => {
    expect(await labels("type = ")).toContain("identify");
  });
});
