import { describe, expect, it } from "vitest";
import type { Field } from "~/api/schema";
import { changeInWords, labelOf, said, suiting, unitsOf } from "./amounts";

const SECONDS = { unit: "seconds" };
const BYTES = { unit: "bytes" };

describe("amounts", () => {
  it.each([
    [604_800, SECONDS, "7 days"],
    [86_400, SECONDS, "1 day"],
    [5_400, SECONDS, "90 minutes"],
    [5, SECONDS, "5 seconds"],
    [0.5, SECONDS, "0.5 seconds"],
    [0, SECONDS, "0 seconds"],
    [2 ** 33, BYTES, "8 GiB"],
    [1_000, BYTES, "1,000 bytes"],
    [100, { unit: "" }, "100"],
    [3, { unit: "requests per second" }, "3 requests per second"],
    [true, { unit: "" }, "on"],
    [[], { unit: "" }, "none"],
    [["a", ""], { unit: "" }, "a, (empty)"],
    ["", { unit: "" }, "none"],
    [null, { unit: "" }, "none"],
  ])("says %j %j as %s", (value, field, words) => expect(said(value, field)).toBe(words));

  it("takes the largest unit that leaves no rest", () => {
    expect(suiting(7_200, unitsOf(SECONDS))?.name).toBe("hours");
    expect(suiting(7_201, unitsOf(SECONDS))?.name).toBe("seconds");
    expect(suiting(5, unitsOf({ unit: "" }))).toBeUndefined();
  });

  it.each([
    ["log_retention_s", "Log retention"],
    ["log_retention_bytes", "Log retention"],
    ["public_url", "Public URL"],
    ["ids_max", "Ids max"],
  ])("calls %s %s", (name, label) => expect(labelOf(name)).toBe(label));
});

describe("a change in words", () => {
  const window = { name: "dedupe_window_s", default: 2_592_000, unit: "seconds" } as Field;
  const inWords = changeInWords("settings", [window], { dedupe_window_s: "Deduplication window" });

  it("says what a value was and will be, and its default where the file says nothing", () => {
    expect(inWords({ path: "settings.dedupe_window_s", after: 259_200 })).toEqual({
      title: "Deduplication window",
      before: "30 days",
      after: "3 days",
    });
    expect(inWords({ path: "settings.dedupe_window_s", before: 60 })?.after).toBe("30 days");
  });

  it("leaves to others what it does not know", () =>
    expect(inWords({ path: "identity.dedupe_window_s", after: 1 })).toBeUndefined());
});
