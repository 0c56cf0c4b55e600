import { describe, expect, it } from "vitest";
import { breaches, deliveryWords, isRemarkable, reach, sentence } from "./words";

const LINE = {
  destination: "crm",
  status: "delivered",
  reason: "",
  message: "",
  at_ms: 0,
  attempts: 1,
  dead_letter: "",
  latency_ms: 0,
  mapping: "",
  receipt: "",
};

describe("sentence", () => {
  it("tells what a plan has allowed", () => {
    const detail = { plan: "shop", rule: "track A v1" };
    const step = { stage: "govern", outcome: "allowed", quiet: false, detail };
    expect(sentence(step)).toBe("Allowed by the plan shop (track A v1).");
    expect(isRemarkable(step)).toBe(false);
  });

  it("tells who was merged by which ids", () => {
    const detail = { ids: ["email:a@b.c", "user_id:u1"] };
    const step = { stage: "resolve", outcome: "merged", quiet: false, detail };
    expect(sentence(step)).toBe(
      "Merged two profiles, because the event has IDs of both: email:a@b.c, user_id:u1.",
    );
    expect(isRemarkable(step)).toBe(true);
  });

  it("has words for a stage that noted nothing", () => {
    expect(sentence({ stage: "dedupe", outcome: "the first of its messageId", quiet: true })).toBe(
      "First event with this message ID.",
    );
  });

  it("repeats what it has no words for", () => {
    expect(sentence({ stage: "brand_new", outcome: "did something", quiet: true })).toBe("Did something.");
  });
});

describe("deliveryWords", () => {
  it("adds what a tool has said", () => {
    const { label, said } = deliveryWords({ ...LINE, status: "dead_letter", message: "unauthorized" });
    expect(label).toBe("Failed");
    expect(said).toBe("All attempts failed. The event is kept as a dead letter. Unauthorized.");
  });
});

describe("reach", () => {
  it("counts those that were to get it", () => {
    const filtered = { ...LINE, destination: "ads", status: "filtered" };
    const retrying = { ...LINE, destination: "mail", status: "retrying" };
    expect(reach([])).toBe("No destinations");
    expect(reach([filtered])).toBe("Filtered by every destination");
    expect(reach([LINE, filtered])).toBe("Delivered to 1 of 1 destination");
    expect(reach([LINE, filtered, retrying])).toBe("Delivered to 1 of 2 destinations");
  });
});

describe("breaches", () => {
  it("takes a detail apart", () => {
    const detail = "properties.a: Does not match '^x; y-'; properties.b: Expected: number, given: string";
    expect(breaches(detail)).toEqual([
      { field: "properties.a", message: "Does not match '^x; y-'" },
      { field: "properties.b", message: "Expected: number, given: string" },
    ]);
  });

  it("leaves other details alone", () => {
    expect(breaches("no rule for track 'Debug'")).toEqual([]);
  });
});
