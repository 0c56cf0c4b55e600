import { expect, it } from "vitest";
import type { TypeShape } from "~/api/schema";
import { capabilitiesOf, categoriesOf, matchingTypes } from "./catalogue";

function type(name: string, category: string, more: Partial<TypeShape> = {}): TypeShape {
  const plain = { name, label: name, category, description: "", actions: [], presets: [], package: "" };
  return {
    ...plain,
    can_delete: false,
    strict_order: false,
    dedupes_on: "",
    ...more,
  } as unknown as TypeShape;
}

const TYPES = [
  type("webhook", "webhooks"),
  type("mixpanel", "analytics", { description: "Events for product analytics; audiences too." }),
  type("posthog", "analytics"),
  type("phone", "telephony"),
];

it("counts categories in their order, strange ones last", () => {
  expect(categoriesOf(TYPES)).toEqual([
    ["analytics", 2],
    ["webhooks", 1],
    ["telephony", 1],
  ]);
});

it.each([
  ["product events", undefined, ["mixpanel"]],
  ["ANALYTICS", undefined, ["mixpanel", "posthog"]],
  ["", "webhooks", ["webhook"]],
  ["posthog", "webhooks", []],
])("finds %j in %s", (text, category, names) => {
  expect(matchingTypes(TYPES, text, category).map((each) => each.name)).toEqual(names);
});

it("says what a type can do", () => {
  expect(capabilitiesOf(type("x", "y", { can_delete: true, dedupes_on: "email" }))).toEqual([
    "User deletion",
    "Deduplicates by email",
  ]);
  expect(capabilitiesOf(TYPES[1] as TypeShape)).toEqual(["Audiences"]);
});
