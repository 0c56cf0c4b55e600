import { expect, it } from "vitest";
import document from "../../../openapi.json";
import { didWhat, OPERATIONS } from "./words";

/** What the API does not know is no operation of its own: it is written by the platform itself. */
const OWN = ["sign_in_failed"];

it("lets choose operations that there are", () => {
  const known = Object.values(document.paths).flatMap((path) =>
    Object.values(path).map((operation) => (operation as { operationId?: string }).operationId),
  );
  const chosen = Object.values(OPERATIONS).flat();
  expect(chosen.filter((operation) => !OWN.includes(operation) && !known.includes(operation))).toEqual([]);
});

it.each([
  ["put_source", "Changed source"],
  ["delete_tracking_plan", "Deleted tracking plan"],
  ["frobnicate_lake", "Frobnicate lake"],
  ["roll_back", "Restored an earlier version"],
])("reads %s as %s", (operation, words) => expect(didWhat({ operation })).toBe(words));
