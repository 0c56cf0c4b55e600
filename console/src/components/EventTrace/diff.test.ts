import { expect, it } from "vitest";
import { diff } from "./diff";

function shown(before: unknown, after: unknown): string[] {
  return diff(before, after).map(({ sign, text }) => `${sign}${text}`);
}

it("marks what was changed, taken away and added, and leaves the rest", () => {
  const before = { type: "identify", traits: { country: "DE", plan: "pro", old: 1 } };
  const after = { type: "identify", traits: { country: "Germany", plan: "pro" }, version: 2 };
  expect(shown(before, after)).toEqual([
    " {",
    '   "type": "identify",',
    '   "traits": {',
    '-    "country": "DE",',
    '+    "country": "Germany",',
    '     "plan": "pro",',
    '-    "old": 1',
    "   },",
    '+  "version": 2',
    " }",
  ]);
});

it("shows a list that differs whole, before and after", () => {
  expect(shown({ tags: ["a"] }, { tags: ["a", "b"] })).toEqual([
    " {",
    '-  "tags": [',
    '-    "a"',
    "-  ]",
    '+  "tags": [',
    '+    "a",',
    '+    "b"',
    "+  ]",
    " }",
  ]);
});

it("tells null from nothing", () => {
  expect(shown({ a: null, b: 1 }, { b: 1 })).toEqual([" {", '-  "a": null,', '   "b": 1', " }"]);
  expect(shown({ a: {} }, { a: {} })).toEqual([" {", '   "a": {}', " }"]);
});
