import { expect, test } from "vitest";
import type { RegulationImpact } from "~/api/schema";
import { consequencesOf, typedFor } from "./words";

function impact(given: Partial<RegulationImpact>): RegulationImpact {
  return {
    regulation_type: "SUPPRESS_WITH_DELETE",
    subjects: 1,
    looked_at: 1,
    profiles: 1,
    profile_events: 12,
    lake_events: 14,
    audiences: [],
    accounts: 0,
    asked: [],
    not_asked: [],
    already_suppressed: 0,
    open_requests: 0,
    logs_gone_by: null,
    people: [],
    ...given,
  };
}

test("a deletion says what goes, where, and what it cannot do", () => {
  const lines = consequencesOf(
    impact({
      audiences: [{ key: "vip", name: "VIP", members: 1, destinations: [] }],
      accounts: 2,
      asked: ["crm"],
      not_asked: ["chat"],
    }),
  );
  expect(lines).toEqual([
    "1 profile with 12 events will be permanently deleted, with every trait.",
    "14 stored events in the lake will be deleted.",
    "1 membership in 1 audience will end: VIP.",
    "2 links to accounts will be removed.",
    "Deletion is also requested from: crm.",
    "Delete by hand in: chat (deletion requests are not supported).",
    "New events of these users will be rejected within a second and not sent anywhere.",
  ]);
});

test("numbers of a part of the users are said to be at least so many", () => {
  const [first, second] = consequencesOf(impact({ subjects: 900, looked_at: 500, profiles: 3 }));
  expect(first).toBe("900 users; the numbers below are for the first 500.");
  expect(second).toMatch(/^At least 3 profiles/);
});

test("what could not be counted, or is not there, is said", () => {
  const lines = consequencesOf(
    impact({ profiles: 0, profile_events: 0, lake_events: null, open_requests: 1 }),
  );
  expect(lines[0]).toMatch(/^No profile has these user ids/);
  expect(lines[1]).toMatch(/took too long/);
  expect(lines.at(-1)).toBe("1 request about these users is still in progress.");
});

test("a suppression deletes nothing, and can be lifted", () => {
  expect(consequencesOf(impact({ regulation_type: "SUPPRESS_ONLY" }))).toEqual([
    "New events of these users will be rejected within a second and not sent anywhere.",
  ]);
  expect(consequencesOf(impact({ regulation_type: "UNSUPPRESS" }))[1]).toBe("This user is not suppressed.");
});

test("a deletion is confirmed by typing whom it is about", () => {
  expect(typedFor("DELETE_ONLY", ["ann"])).toBe("ann");
  expect(typedFor("DELETE_ONLY", ["ann", "bob"])).toBe("delete 2 users");
  expect(typedFor("SUPPRESS_ONLY", ["ann"])).toBeUndefined();
});
