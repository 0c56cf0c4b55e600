import { expect, it } from "vitest";
import type { FieldShape } from "~/api/schema";
import { isFolded, matchingFields } from "./fields";

function field(name: string, about: Partial<FieldShape> = {}): FieldShape {
  return { name, label: name, description: "", required: false, default: null, ...about } as FieldShape;
}

const FIELDS = [
  field("phone"),
  field("currency", { default: { "@path": "$.properties.currency" } }),
  field("email", { required: true, description: "Who it is." }),
  field("zip", { label: "Postal code" }),
];

it("folds away what sends nothing", () => {
  expect(FIELDS.filter((each) => isFolded(each, { zip: null })).map(({ name }) => name)).toEqual(["phone"]);
});

it.each([
  ["", ["email", "phone", "currency", "zip"]],
  ["postal", ["zip"]],
  ["who email", ["email"]],
  ["nothing", []],
])("finds %j", (text, names) => expect(matchingFields(FIELDS, text).map(({ name }) => name)).toEqual(names));
