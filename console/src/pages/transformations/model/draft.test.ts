import { describe, expect, it } from "vitest";
import { definitionOf, doesSomething, draftOf, EMPTY, hides, inWords, moved, withKey } from "./draft";

describe("a draft", () => {
  it("says only what differs from nothing", () => {
    const draft = draftOf({ name: "tidy", version: 3, drop_properties: ["a"] });
    expect(definitionOf(draft)).toEqual({ name: "tidy", drop_properties: ["a"] });
    expect(definitionOf(EMPTY)).toEqual({ name: "" });
  });

  it("is told in words", () => {
    expect(inWords(draftOf({ drop: true, drop_properties: ["a"] }))).toEqual(["drops the event"]);
    expect(
      inWords(
        draftOf({
          rename_event: "Order Placed",
          rename_properties: { a: "b" },
          set_values: { "properties.x": 1 },
        }),
      ),
    ).toEqual(["renames the event to Order Placed", "renames a → b", "sets properties.x"]);
    expect(inWords(draftOf({ drop_properties: ["a", "b", "c", "d"] }))).toEqual(["removes a, b, c, …"]);
  });

  it("hides when it takes something away", () => {
    expect(hides(draftOf({ set_values: { a: 1 } }))).toBe(false);
    expect(hides(draftOf({ hash_values: { paths: ["context.ip"], key: "" } }))).toBe(true);
    expect(doesSomething(draftOf({ hash_values: { paths: [], key: "" } }))).toBe(false);
  });
});

describe("lists", () => {
  it("keep the order when a key is edited, and refuse one that is taken", () => {
    const map = { a: 1, b: 2, c: 3 };
    expect(Object.keys(withKey(map, "b", "x") ?? {})).toEqual(["a", "x", "c"]);
    expect(withKey(map, "b", "c")).toBe(null);
  });

  it("move one item, and never beyond the ends", () => {
    expect(moved(["a", "b", "c"], 0, 2)).toEqual(["b", "c", "a"]);
    expect(moved(["a", "b", "c"], 2, -1)).toEqual(["c", "a", "b"]);
  });
});
