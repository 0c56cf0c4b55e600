import { expect, test } from "vitest";
import { asked, isWhole } from "./tests";

test.each([
  [{ trait: "city", op: "=", value: "Oslo" }, "Oslo"],
  [{ trait: "age", op: ">", value: " 41.5 " }, 41.5],
  [{ trait: "plan", op: "=", value: "true" }, true],
  [{ trait: "zip", op: "=", value: '"0150"' }, "0150"],
  [{ trait: "zip", op: "starts_with", value: "01" }, "01"],
  [{ trait: "since", op: "within_last", value: "7d" }, "7d"],
  [{ trait: "country", op: "in", value: "NO, SE,3" }, ["NO", "SE", 3]],
  [{ trait: "city", op: "exists", value: "left over" }, null],
])("a value becomes what it looks like: %o", (written, value) => {
  expect(asked(written)).toEqual({ trait: written.trait, op: written.op, value });
});

test.each([
  [{ trait: "city", op: "=", value: "Oslo" }, true],
  [{ trait: "city", op: "=", value: " " }, false],
  [{ trait: "city", op: "=" }, false],
  [{ trait: "", op: "exists" }, false],
  [{ trait: "city", op: "exists" }, true],
])("a condition is asked when it says enough: %o", (written, whole) => {
  expect(isWhole(written)).toBe(whole);
});
