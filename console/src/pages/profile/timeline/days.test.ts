import { expect, test } from "vitest";
import type { TimelineEvent } from "~/api/schema";
import { byDay, dayOf, titleOf, withEmptyDays } from "./days";

function event(at: string): TimelineEvent {
  return {
    at,
    received_at: at,
    source: "web",
    record: at,
    message_id: at,
    type: "track",
    name: "E",
    event: {},
  };
}

/** Noon of a local day, as the API writes it. */
function noon(year: number, month: number, day: number): string {
  return new Date(year, month - 1, day, 12).toISOString();
}

test("events of one day stand together, in the order in which they came", () => {
  const events = [event(noon(2026, 1, 3)), event(noon(2026, 1, 2)), event(noon(2026, 1, 2))];
  expect(byDay(events).map((group) => [group.day, group.events.length])).toEqual([
    ["2026-01-03", 1],
    ["2026-01-02", 2],
  ]);
  expect(byDay([])).toEqual([]);
});

test("days have names, the nearest those that people say", () => {
  const now = new Date(2026, 2, 1, 9);
  expect(titleOf(dayOf(noon(2026, 3, 1)), now)).toBe("Today");
  expect(titleOf("2026-02-28", now)).toBe("Yesterday");
  expect(titleOf("2026-02-27", now)).toMatch(/27/);
});

test("days between have no events, and only the last are kept", () => {
  const days = [
    { day: "2026-02-27", events: 3 },
    { day: "2026-03-02", events: 1 },
  ];
  expect(withEmptyDays(days, 10)).toEqual([
    { day: "2026-02-27", events: 3 },
    { day: "2026-02-28", events: 0 },
    { day: "2026-03-01", events: 0 },
    { day: "2026-03-02", events: 1 },
  ]);
  expect(withEmptyDays(days, 2).map((each) => each.day)).toEqual(["2026-03-01", "2026-03-02"]);
  expect(withEmptyDays([], 5)).toEqual([]);
});
