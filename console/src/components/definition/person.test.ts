import { expect, test } from "vitest";
import { namesOf, personName } from "./person";

const id = (type: string, value: string) => ({ type, value });

test("somebody is called by name, else by the most telling id", () => {
  const ids = [id("anonymous_id", "a1"), id("loyalty", "l1"), id("user_id", "u1"), id("email", "ann@x.io")];
  expect(personName({ segment_id: "use_1", external_ids: ids, name: "Ann" })).toBe("Ann");
  expect(namesOf({ segment_id: "use_1", external_ids: ids, name: "Ann" })).toBe("ann@x.io · user_id u1");
  expect(namesOf({ segment_id: "use_1", external_ids: ids, name: "Ann" }, 1)).toBe("ann@x.io");
  expect(personName({ segment_id: "use_1", external_ids: ids, name: "" })).toBe("ann@x.io");
  expect(namesOf({ segment_id: "use_1", external_ids: [id("user_id", "u1")] })).toBe("");
  expect(personName({ segment_id: "use_1", external_ids: [] })).toBe("use_1");
});
