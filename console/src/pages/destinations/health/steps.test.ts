import { expect, it } from "vitest";
import type { DeliveryReport } from "~/api/schema";
import { stepsOf } from "./steps";

it("has a step for every minute, also for those in which nothing happened", () => {
  const report = {
    since: "2026-01-01T00:00:30Z",
    until: "2026-01-01T00:04:10Z",
    minutes: [
      {
        at: "2026-01-01T00:02:00Z",
        delivered: 3,
        failed: 1,
        filtered: 2,
        retrying: 4,
        pending: 0,
        p50_ms: 5,
        p95_ms: 0,
      },
    ],
  } as DeliveryReport;
  const steps = stepsOf(report, "1h");
  expect(steps.map((step) => step.delivered)).toEqual([0, 0, 3, 0, 0]);
  expect(steps[2]).toMatchObject({ failed: 1, filtered: 2, retrying: 4, p50: 5, p95: null });
  expect(steps[0]?.p50).toBeNull();
});
