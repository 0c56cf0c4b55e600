import { describe, expect, it } from "vitest";
import {
  CLEANED,
  decideAlike,
  ENFORCED,
  inWords,
  onBreach,
  setOnBreach,
  stance,
  tidy,
  withDecisions,
} from "./controls";
import { changedParts, draftOf, findRule, planOf, type RuleDraft, ruleKey, withRule } from "./draft";
import { differences, merged } from "./merge";

const order: RuleDraft = {
  type: "track",
  event: "Order 1.5",
  version: 2,
  description: "",
  labels: {},
  schema: {},
};

describe("a draft", () => {
  it("names its rules in addresses, whatever they are called", () => {
    expect(ruleKey(order)).toBe("track.2.Order 1.5");
    expect(findRule([order], ruleKey(order))).toBe(0);
    expect(findRule([order], "track.1.Order 1.5")).toBe(-1);
  });

  it("is complete, and says what is the same as the plan it came from", () => {
    const draft = draftOf({ name: "shop", rules: [{ type: "track", event: "A" } as RuleDraft] });
    expect(draft.rules[0]?.version).toBe(1);
    expect(draftOf(planOf(draft))).toEqual(draft);
    expect(changedParts(draft, withRule({ ...draft, controls: ENFORCED }, order))).toEqual([
      "1 rule added",
      "controls",
    ]);
  });
});

describe("controls", () => {
  it("decide alike when they differ about a common rule that there is not", () => {
    const { common_event_on_violations: _, ...blocking } = ENFORCED;
    expect(decideAlike(blocking, ENFORCED, false)).toBe(true);
    expect(decideAlike(blocking, ENFORCED, true)).toBe(false);
    expect(decideAlike({}, ENFORCED, false)).toBe(false);
    expect(decideAlike({}, { identify: { allow_unplanned_traits: false } }, false)).toBe(false);
  });

  it("are told in words", () => {
    expect(inWords({})).toEqual([]);
    expect(inWords(ENFORCED)).toEqual([
      "blocks unplanned events",
      "blocks events that break their rule",
      "blocks events that break the common rule",
    ]);
    expect([stance({}), stance(CLEANED), stance(ENFORCED)].map(({ label }) => label)).toEqual([
      "Reports only",
      "Cleans",
      "Enforced",
    ]);
  });

  it("have one choice for what breaks a rule", () => {
    expect(onBreach(setOnBreach(ENFORCED, "omit"))).toBe("omit");
    expect(onBreach(setOnBreach(CLEANED, "report"))).toBe("report");
    expect(setOnBreach({ allow_event_on_violations: false }, "report")).toEqual({});
  });

  it("keep where blocked events go", () => {
    expect(withDecisions({ ...ENFORCED, forwarding_blocked_events_to: "quality" }, {})).toEqual({
      forwarding_blocked_events_to: "quality",
    });
    expect(tidy({ identify: {}, group: { allow_unplanned_traits: false } })).toEqual({
      group: { allow_unplanned_traits: false },
    });
  });
});

describe("a rule and what was sent", () => {
  const rule = {
    properties: {
      id: { type: "string", pattern: "^o_" },
      items: { type: "array", items: { type: "object", properties: { sku: { type: "string" } } } },
    },
    required: ["id"],
  };
  const seen = {
    properties: {
      id: { type: ["string", "integer"] },
      items: {
        type: "array",
        items: { type: "object", properties: { sku: { type: "string" }, price: { type: "number" } } },
      },
      address: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
    },
    required: ["id", "items"],
  };

  it("differ in what is new and in types", () => {
    expect(differences(rule, seen).map(({ path, kind }) => [path, kind])).toEqual([
      ["id", "type"],
      ["items.$.price", "new"],
      ["address", "new"],
    ]);
  });

  it("are merged without loosening or tightening what somebody wrote", () => {
    const careful = merged(rule, seen, false);
    expect(careful.required).toEqual(["id"]);
    expect(careful.properties).toEqual({
      id: { type: "string", pattern: "^o_" },
      items: {
        type: "array",
        items: { type: "object", properties: { sku: { type: "string" }, price: { type: "number" } } },
      },
      address: { type: "object", properties: { city: { type: "string" } } },
    });
    const wide = merged(rule, seen, true);
    expect((wide.properties as typeof rule.properties).id).toEqual({
      type: ["string", "integer"],
      pattern: "^o_",
    });
    expect(differences(wide, seen)).toEqual([]);
  });
});
