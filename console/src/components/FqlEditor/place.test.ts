import { describe, expect, it } from "vitest";
import { eventsAskedFor, placeAt, segmentsOf } from "./place";
import { escaped, quoted } from "./words";

describe("placeAt", () => {
  it.each([
    ["", { kind: "operand", from: 0, segments: [""] }],
    ["ev", { kind: "operand", from: 0, segments: ["ev"] }],
    ["properties.", { kind: "operand", from: 0, segments: ["properties", ""] }],
    ["properties.to", { kind: "operand", from: 0, segments: ["properties", "to"] }],
    ["properties.product\\ 1.pr", { kind: "operand", from: 0, segments: ["properties", "product 1", "pr"] }],
    ['event = "A" and pro', { kind: "operand", from: 16, segments: ["pro"] }],
    ["!(", { kind: "operand", from: 2, segments: [""] }],
    ["contains(", { kind: "operand", from: 9, segments: [""] }],
    ["1 < properties.t", { kind: "operand", from: 4, segments: ["properties", "t"] }],
  ])("%s begins an operand", (text, expected) => {
    expect(placeAt(text)).toEqual(expected);
  });

  it.each([
    ['event = "', ["event"], "", true, 9],
    ['event = "Ord', ["event"], "Ord", true, 9],
    ["event = ", ["event"], "", false, 8],
    ["type = tr", ["type"], "tr", false, 7],
    ["event != '", ["event"], "", true, 10],
    ['event in ["A", "', ["event"], "", true, 16],
    ["event in [", ["event"], "", false, 10],
    ['contains(event, "Or', ["event"], "Or", true, 17],
    ['match(properties.city, "', ["properties", "city"], "", true, 24],
    ['type = "track" and event = "x', ["event"], "x", true, 28],
  ])("%s is compared with a path", (text, path, written, isQuoted, from) => {
    expect(placeAt(text)).toEqual({ kind: "value", from, path, written, isQuoted });
  });

  it.each([
    ["event ", "", false, 6],
    ['event = "A" ', "", true, 12],
    ['event = "A" an', "an", true, 12],
    ['event = "A" and type ', "", false, 21],
    ["length(properties.tags) ", "", false, 24],
    ['event in ["A"] ', "", true, 15],
    ['(event = "A") ', "", false, 14],
    ["properties.gift o", "o", false, 16],
  ])("%s wants an operator", (text, written, isCompared, from) => {
    expect(placeAt(text)).toEqual({ kind: "operator", from, written, isCompared });
  });

  it.each(["event == ", 'event = "A"', "properties.total > 5", 'contains(event, "A"', "contains(event "])(
    "has nothing to propose for %s",
    (text) => {
      const place = placeAt(text);
      expect(place === null || place.kind === "operand").toBe(true);
    },
  );
});

it("finds the events that are asked for, and no property of that name", () => {
  expect(eventsAskedFor('event = "A" or event = \'B\' and properties.event = "C"')).toEqual(["A", "B"]);
});

it.each(["total", "product 1", "v1.total", "0", "Größe", "a-b", "-x"])(
  "%s survives being escaped",
  (name) => {
    expect(segmentsOf(escaped(name))).toEqual([name]);
  },
);

it("quotes what has quotes in the other ones", () => {
  expect([quoted("a"), quoted('a "b"'), quoted("\"'")]).toEqual(['"a"', "'a \"b\"'", null]);
});
