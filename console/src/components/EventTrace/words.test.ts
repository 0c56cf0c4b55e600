import { describe, expect, it } from "vitest";
import { deliverySentence, isRemarkable, sentence } from "./words";

describe("sentence", () => {
  it("tells what a plan has allowed", () => {
    const step = {
      stage: "govern",
      outcome: "allowed",
      quiet: false,
      detail: { plan: "shop", rule: "track A v1" },
    };
    expect(sentence(step)).toBe("Allowed by the plan shop, rule track A v1.");
    expect(isRemarkable(step)).toBe(false);
  });

  it("tells who was merged by which ids", () => {
    const step = {
      stage: "resolve",
      outcome: "merged",
      quiet: false,
      detail: { ids: ["email:a@b.c", "user_id:u1"] },
    };
    expect(sentence(step)).toBe(
      "It has ids of two profiles, so they are one from now on: email:a@b.c, user_id:u1.",
    );
    expect(isRemarkable(step)).toBe(true);
  });

  it("repeats what it has no words for", () => {
    expect(sentence({ stage: "dedupe", outcome: "the first of its messageId", quiet: true })).toBe(
      "The first of its messageId.",
    );
  });

  it("adds what a tool has said", () => {
    const line = { destination: "crm", status: "dead_letter", message: "Unauthorized", reason: "401" };
    const whole = {
      at_ms: 0,
      attempts: 1,
      dead_letter: "",
      latency_ms: 0,
      mapping: "",
      receipt: "",
      ...line,
    };
    expect(deliverySentence(whole)).toBe("Given up, and kept until somebody decides. Unauthorized.");
  });
});
