import { expect, test } from "vitest";
import { subjectsIn } from "./subjects";

test("each user is there once, as written", () => {
  expect(subjectsIn("ann\r\nbob\n\n  \nann\n an id with spaces ")).toEqual([
    "ann",
    "bob",
    " an id with spaces ",
  ]);
  expect(subjectsIn("")).toEqual([]);
});
