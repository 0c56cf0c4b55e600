import { describe, expect, it } from "vitest";
import { type Choice, choiceOf, triggerInWords, triggerOf } from "./trigger";

const CHOICES: [string, Choice][] = [
  ["type != null", { call: null, which: "all", events: [] }],
  ['type = "page"', { call: "page", which: "all", events: [] }],
  [
    'type = "track" and event = "Order Completed"',
    { call: "track", which: "only", events: ["Order Completed"] },
  ],
  ['type = "track" and (event = "A" or event = "B")', { call: "track", which: "only", events: ["A", "B"] }],
  [
    'type = "track" and event != "A" and event != "B"',
    { call: "track", which: "except", events: ["A", "B"] },
  ],
  [
    String.raw`type = "track" and event = "Say \"hi\" or event = "`,
    { call: "track", which: "only", events: ['Say "hi" or event = '] },
  ],
];

describe("a trigger and its form", () => {
  it.each(CHOICES)("%s", (trigger, choice) => {
    expect(choiceOf(trigger)).toEqual(choice);
    expect(triggerOf(choice)).toBe(trigger);
  });

  it.each([
    'type = "track" and event = "A" or event = "B"',
    'type = "track" and properties.total > 5',
    'event = "A" and event = "B"',
    'type = "unheard-of"',
    "",
  ])("leaves %j to FQL", (trigger) => expect(choiceOf(trigger)).toBeNull());

  it("says all track events while none is chosen", () => {
    expect(triggerOf({ call: "track", which: "only", events: [] })).toBe('type = "track"');
  });
});

it.each([
  ["type != null", "Every event"],
  ['type = "track"', "All track events"],
  ['event = "Order Completed"', "Order Completed"],
  ['type = "track" and event != "A"', "All track events except A"],
  ['type = "identify"', "Identify calls"],
  ["properties.total > 5", null],
])("says %j as %j", (trigger, words) => expect(triggerInWords(trigger)).toBe(words));
