import { expect, it } from "vitest";
import { mistakesAt } from "./mistakes";

it("tells each mistake at its part", () => {
  const problems = [
    { path: "mappings[0].trigger", message: "is no FQL" },
    { path: "mappings[0].mapping.email.@path", message: "should be text" },
    { path: "user_id", message: "is unknown" },
    { path: "mapping", message: "should be an object" },
  ];
  expect(mistakesAt(problems, { path: "items[0].price", message: "is needed" })).toEqual({
    trigger: "is no FQL",
    "mapping.email": "@path: should be text",
    "mapping.user_id": "is unknown",
    "": "should be an object",
    "mapping.items": "[0].price: is needed",
  });
});

it("says the same thing once", () => {
  const twice = { path: "event", message: "is needed" };
  expect(mistakesAt([twice], twice)).toEqual({ "mapping.event": "is needed" });
});
