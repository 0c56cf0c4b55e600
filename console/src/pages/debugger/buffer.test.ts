import { describe, expect, it } from "vitest";
import type { LiveEvent, RecentEvent } from "~/api/schema";
import { arrived, EMPTY, EVENTS_MAX, preceded, released } from "./buffer";

function event(number: number, outcome = "accepted"): LiveEvent {
  return { place: `${number}.0`, message_id: `m${number}`, outcome } as LiveEvent;
}

const places = (events: readonly LiveEvent[]) => events.map((each) => each.place);

describe("arrived", () => {
  it("puts the newest first", () => {
    const buffer = arrived(arrived(EMPTY, [event(1), event(2)], false), [event(3)], false);
    expect(places(buffer.shown)).toEqual(["3.0", "2.0", "1.0"]);
  });

  it("keeps so many, however many come", () => {
    let buffer = EMPTY;
    for (let second = 0; second < 50; second += 1) {
      const events = Array.from({ length: 100 }, (_, index) => event(second * 100 + index));
      buffer = arrived(buffer, events, second % 2 === 0);
      expect(buffer.shown.length + buffer.held.length).toBeLessThanOrEqual(2 * EVENTS_MAX);
    }
    expect(buffer.shown.length).toBe(EVENTS_MAX);
  });

  it("holds what is new until it is released", () => {
    let buffer = arrived(EMPTY, [event(1)], false);
    buffer = arrived(buffer, [event(2), event(3)], true);
    expect(places(buffer.shown)).toEqual(["1.0"]);
    expect(buffer.heldCount).toBe(2);
    expect(places(released(buffer).shown)).toEqual(["3.0", "2.0", "1.0"]);
    expect(released(buffer).heldCount).toBe(0);
  });

  it("tells in the same place what has become of an event that waited", () => {
    let buffer = arrived(EMPTY, [event(1, "waiting"), event(2)], false);
    buffer = arrived(buffer, [event(1, "duplicate"), event(3)], false);
    expect(buffer.shown.map((each) => [each.place, each.outcome])).toEqual([
      ["3.0", "accepted"],
      ["2.0", "accepted"],
      ["1.0", "duplicate"],
    ]);
  });
});

it("puts what came before behind, each once", () => {
  const recent = [event(2), event(1)].map((each) => ({ ...each, body: {} })) as unknown as RecentEvent[];
  const buffer = preceded(arrived(EMPTY, [event(2), event(3)], false), recent);
  expect(places(buffer.shown)).toEqual(["3.0", "2.0", "1.0"]);
});
