import { expect, it } from "vitest";
import { explain } from "./reasons";

const KNOWN = [
  { reason: "ETIMEDOUT", meaning: "no answer in time", advice: "lower `pace`" },
  { reason: "DELETED", meaning: "gone", advice: "" },
];

it.each([
  ["ETIMEDOUT", { meaning: "No answer in time.", advice: "Lower `pace`." }],
  ["DELETED", { meaning: "Gone.", advice: "" }],
  ["WHATEVER", undefined],
  ["", undefined],
])("explains %s", (reason, said) => expect(explain(KNOWN, reason)).toEqual(said));

it("lets statuses stand for themselves", () => {
  expect(explain(KNOWN, "418")?.meaning).toContain("rejected");
  expect(explain(KNOWN, "502")?.advice).toContain("automatically");
});
