import { describe, expect, it } from "vitest";
import { parseEvent, titleOf, whoseOf } from "./event";

describe("parseEvent", () => {
  it("takes an object", () => expect(parseEvent('{"type":"track"}')).toEqual({ event: { type: "track" } }));

  it.each(["", "  ", "{", "[]", "5", "null"])("says what is wrong with %j", (text) => {
    expect(parseEvent(text).mistake).toBeTruthy();
  });
});

it.each([
  [{ type: "track", event: "Signed Up" }, "Signed Up"],
  [{ type: "page", name: "Home" }, "page Home"],
  [{ type: "page", name: "" }, "page"],
  [{ type: "identify", event: "x" }, "identify"],
  [{}, "event"],
])("calls %j %s", (event, title) => {
  expect(titleOf(event)).toBe(title);
});

it.each([
  [{ userId: "ann", anonymousId: "a" }, "ann"],
  [{ anonymousId: "0123456789" }, "anonymous 01234567"],
  [{}, "nobody"],
])("says of %j that it is of %s", (event, whose) => {
  expect(whoseOf(event)).toBe(whose);
});
