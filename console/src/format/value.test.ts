import { expect, test } from "vitest";
import { valueText } from "./value";

test.each([
  ["Oslo", "Oslo"],
  [true, "Yes"],
  [false, "No"],
  [["a", "b"], "a, b"],
  [{ city: "Oslo" }, '{"city":"Oslo"}'],
  [null, "null"],
  [undefined, ""],
])("%j reads %s", (value, text) => {
  expect(valueText(value)).toBe(text);
});

test("numbers have at most two decimals", () => {
  expect(valueText(12.3456)).toMatch(/^12[.,]35$/);
});
