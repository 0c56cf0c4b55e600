import * as v from "valibot";
import { expect, it } from "vitest";
import { flag, number, oneOf, text, texts } from "./search";

const schema = v.object({ id: text, ids: texts, tab: oneOf(["a", "b"]), page: number, all: flag });

it("takes what is meant", () => {
  const search = { id: 42, ids: "x", tab: "b", page: 2, all: true };
  expect(v.parse(schema, search)).toEqual({ id: "42", ids: ["x"], tab: "b", page: 2, all: true });
});

it("leaves out what makes no sense", () => {
  const found = v.parse(schema, { id: {}, ids: [{}], tab: "c", page: "x", all: "yes" });
  expect(Object.values(found).every((value) => value === undefined)).toBe(true);
});

it("needs nothing", () => expect(Object.values(v.parse(schema, {})).filter(Boolean)).toEqual([]));
