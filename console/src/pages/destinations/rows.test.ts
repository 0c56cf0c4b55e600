import { expect, it } from "vitest";
import type { DestinationLine, DestinationNow, DestinationVolume } from "~/api/schema";
import { matching, pointsOf, rowsOf } from "./rows";

const LINE = {
  name: "crm",
  type: "webhook",
  sources: ["website"],
  enabled: true,
  settings: {},
} as DestinationLine;

function volume(steps: [string, number][]): DestinationVolume {
  return {
    destination: "crm",
    steps: steps.map(([at, delivered]) => ({ at, delivered, failed: 1, retrying: 0, filtered: 9 })),
  } as DestinationVolume;
}

it("puts what happened into its step, also into the one that has just begun", () => {
  const found = pointsOf(
    volume([
      ["2026-01-01T00:10:00Z", 4],
      ["2026-01-01T01:00:00Z", 1],
      ["2026-01-01T09:00:00Z", 4],
    ]),
    "2026-01-01T00:00:00Z",
    600,
  );
  expect(found).toEqual([0, 5, 0, 0, 0, 0, 2]);
});

it("knows a destination of which nothing else is known yet", () => {
  const [row] = rowsOf([LINE], [], [], undefined, [{ key: "buyers", destinations: ["crm"] }]);
  expect(row).toMatchObject({ state: null, typeLabel: "webhook", connected: ["buyers"], points: [] });
});

it("says that a disabled one is off, whatever was measured", () => {
  const [row] = rowsOf([{ ...LINE, enabled: false }], [], [], undefined, []);
  expect(row?.state).toBe("off");
});

it("finds by name, type, source and state", () => {
  const now = { name: "crm", state: "ok" } as DestinationNow;
  const rows = rowsOf([LINE], [], [now], undefined, []);
  expect(matching(rows, "HOOK", undefined)).toHaveLength(1);
  expect(matching(rows, "website", "ok")).toHaveLength(1);
  expect(matching(rows, "", "down")).toHaveLength(0);
  expect(matching(rows, "mail", undefined)).toHaveLength(0);
});
